using System;
using Kvol.Native;
using Kvol.Storage.Values;

namespace Kvol.Storage.Archives;

/// <summary>Gives a file what an archive tells of it, in the order that <see cref="FileMetadata"/> explains. What the file system does not take is reported.</summary>
internal sealed class MetadataWriter(CopyReport report)
{
    /// <summary>Completes what was just made, belongs to 0:0 and has the permission bits of the entry already. An empty <paramref name="name"/> means the
    /// descriptor itself. Flags are the caller's.</summary>
    public void Apply(Fd at, CName name, TarEntry entry)
    {
        if (entry.Uid != 0 || entry.Gid != 0)
        {
            Files.SetOwner(at, name, entry.Uid, entry.Gid);
        }

        if ((entry.Mode & 0xe00) != 0 && entry.Kind != TarKind.SymbolicLink)
        {
            if (name.Bytes.IsEmpty)
            {
                Files.SetMode(at, entry.Mode);
            }
            else
            {
                Files.SetMode(at, name, entry.Mode);
            }
        }

        ApplyRest(at, name, entry);
    }

    /// <summary>Completes a directory, whatever it belongs to by now.</summary>
    public void ApplyDirectory(Fd directory, TarEntry entry)
    {
        Files.SetOwner(directory, ""u8.ToName(), entry.Uid, entry.Gid);
        Files.SetMode(directory, entry.Mode);
        ApplyRest(directory, ""u8.ToName(), entry);
    }

    /// <summary>The flags that the entry tells of.</summary>
    public int FlagsOf(TarEntry entry) => entry.Flags is null ? 0 : FlagText.Parse(entry.Flags, word => report.Lost(entry.Path.ToString(), $"file flag {new ByteString(word)}: not known on this system"));

    /// <summary>Sets flags, or reports that they could not be.</summary>
    public void SetFlags(Fd file, TarEntry entry, int flags)
    {
        if (flags != 0)
        {
            Try(entry, "file flags", () => Attributes.AddFlags(file, flags));
        }
    }

    private void ApplyRest(Fd at, CName name, TarEntry entry)
    {
        if (entry.Attributes.Count > 0 || entry.Acls.Count > 0)
        {
            var kept = name.Keep();
            foreach (var (attribute, value) in entry.Attributes)
            {
                Try(entry, $"extended attribute {attribute}", () => Attributes.Set(at, kept, attribute, value));
            }

            foreach (var (kind, text) in entry.Acls)
            {
                Try(entry, "ACL", () => Acls.Write(at, kept, kind, text));
            }
        }

        Files.SetTimes(at, name, new FileStatus { AccessTime = entry.AccessTime ?? entry.ModifyTime, ModifyTime = entry.ModifyTime, BirthTime = entry.BirthTime ?? default });
    }

    private void Try(TarEntry entry, string what, Action set)
    {
        try
        {
            set();
        }
        catch (NativeException e) when (e.Failure is not (Failure.NoSpace or Failure.ReadOnly))
        {
            report.Lost(entry.Path.ToString(), $"{what}: {e.Reason}");
        }
    }
}
