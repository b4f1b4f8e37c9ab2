using System;
using System.Collections.Generic;
using Kvol.Native;
using Kvol.Storage.Trees;
using Kvol.Storage.Values;

namespace Kvol.Storage.Archives;

/// <summary>Reads the metadata of files for an archive. One buffer serves many files.</summary>
internal sealed class AttributeReader(CopyReport report)
{
    // How much longer a record may be than its value: three bytes for each byte of a 255-byte name, and the framing.
    private const int MostOfName = 1024;

    private byte[] names = new byte[4096], value = new byte[4096];

    /// <summary>Adds attributes, lists and flags to a member. An empty <paramref name="name"/> means the descriptor itself.</summary>
    public TarEntry Read(Fd at, CName name, TarEntry entry)
    {
        List<(ByteString, byte[])>? attributes = null;
        List<(AclKind, string)>? acls = null;
        var length = List(at, name, entry);
        if (length > TarLimits.AttributeNames)
        {
            report.Lost(CopyReport.Shorten(entry.Path), "extended attributes: too many for an archive");
            length = 0;
        }

        var left = TarLimits.Header - TarLimits.Acl - (2 * TarLimits.Name); // beside names and lists
        for (var rest = names.AsSpan(0, length); !rest.IsEmpty;)
        {
            var attribute = CName.First(rest);
            rest = rest[attribute.Terminated.Length..];
            if (!Acls.Carries(attribute))
            {
                try
                {
                    var size = Attributes.Get(at, name, attribute, ref value);
                    left -= size + MostOfName;
                    if (left < 0)
                    {
                        report.Lost(CopyReport.Shorten(entry.Path),
                            $"extended attribute {attribute.ToString()}: all of them together are too large for an archive");
                        continue;
                    }

                    (attributes ??= []).Add((attribute.Keep(), value[..size]));
                }
                catch (NativeException e) when (Keeping.IsUnreadable(e))
                {
                    report.Lost(CopyReport.Shorten(entry.Path), $"extended attribute {attribute.ToString()}: {e.Reason}");
                }
            }
        }

        foreach (var kind in (ReadOnlySpan<AclKind>)[AclKind.Access, AclKind.Default, AclKind.Nfs4])
        {
            try
            {
                if ((kind != AclKind.Default || entry.Kind == TarKind.Directory)
                    && Acls.Read(at, name, names.AsSpan(0, length), kind, ref value) is { } text)
                {
                    (acls ??= []).Add((kind, text));
                }
            }
            catch (NativeException e) when (Keeping.IsUnreadable(e))
            {
                report.Lost(CopyReport.Shorten(entry.Path), $"ACL: {e.Reason}");
            }
        }

        // If there is only a default list, libarchive's readers assume an access list that grants nothing.
        if (acls is [{ Item1: AclKind.Default }])
        {
            acls.Insert(0, (AclKind.Access, PosixAcl.ToText(PosixAcl.Of(entry.Mode))));
        }

        var flags = Flags(at, name, entry) is not 0 and var set ? FlagText.Of(set) : "";
        return attributes is null && acls is null && flags.Length == 0 ? entry
            : entry with { Attributes = attributes ?? [], Acls = acls ?? [], Flags = flags.Length == 0 ? null : flags };
    }

    private int Flags(Fd at, CName name, TarEntry entry)
    {
        try
        {
            return Attributes.Flags(at, name);
        }
        catch (NativeException e) when (Keeping.IsUnreadable(e))
        {
            report.Lost(CopyReport.Shorten(entry.Path), $"file flags: {e.Reason}");
            return 0;
        }
    }

    private int List(Fd at, CName name, TarEntry entry)
    {
        try
        {
            return Attributes.List(at, name, ref names);
        }
        catch (NativeException e) when (Keeping.IsUnreadable(e))
        {
            report.Lost(CopyReport.Shorten(entry.Path), $"extended attributes: {e.Reason}");
            return 0;
        }
    }
}
