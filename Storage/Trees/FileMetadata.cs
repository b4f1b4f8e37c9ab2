using System;
using System.Collections.Generic;
using Kvol.Native;
using Kvol.Storage.Values;

namespace Kvol.Storage.Trees;

/// <summary>The order in which a copy gets what it is beside its content, written once:
/// <list type="number">
/// <item>owner, because chown(2) drops set-id bits and file capabilities;</item>
/// <item>mode;</item>
/// <item>extended attributes, ACLs among them, which agree with the mode by now;</item>
/// <item>times, which the steps before would change;</item>
/// <item>flags, because an immutable file takes nothing after them.</item>
/// </list>
/// A directory gets it after its children: a default ACL would spread to them, and each of them changes its times.</summary>
internal sealed class FileMetadata(CopyReport report, HeldFlags? held = null)
{
    private byte[] names = new byte[4096], value = new byte[4096];

    /// <summary>Completes a regular file. The new file belongs to 0:0 and has the permission bits of its source already. Flags that forbid
    /// changes are left to the caller, who gets all flags.</summary>
    public int Apply(DirectoryNode directory, CName name, Fd source, Fd target, in FileStatus status)
    {
        if (status.Uid != 0 || status.Gid != 0)
        {
            Files.SetOwner(target, ""u8.ToName(), status.Uid, status.Gid);
        }

        if ((status.Mode & 0xe00) != 0)
        {
            Files.SetMode(target, status.Mode); // open(2) makes no set-id bits, and chown(2) dropped them
        }

        CopyAttributes(directory, name, source, target, ""u8.ToName());
        Files.SetTimes(target, ""u8.ToName(), status);
        return Attributes.Flags(source);
    }

    /// <summary>Completes a symbolic link, fifo, socket or device, which is not opened; its flags, which are left to the caller.</summary>
    public int ApplyByName(DirectoryNode directory, CName name, in FileStatus status)
    {
        if (status.Uid != 0 || status.Gid != 0)
        {
            Files.SetOwner(directory.Target, name, status.Uid, status.Gid);
        }

        if (status.Kind != FileKind.SymbolicLink)
        {
            Files.SetMode(directory.Target, name, status.Mode);
        }

        CopyAttributes(directory, name, directory.Source, directory.Target, name);
        Files.SetTimes(directory.Target, name, status);
        return Attributes.Flags(directory.Source, name);
    }

    /// <summary>Reads what <see cref="Complete"/> will set on a directory.</summary>
    public void Remember(DirectoryNode directory)
    {
        directory.Flags = Attributes.Flags(directory.Source);
        var length = Attributes.List(directory.Source, ""u8.ToName(), ref names);
        for (var start = 0; start < length;)
        {
            var attribute = NameAt(ref start);
            var size = Attributes.Get(directory.Source, ""u8.ToName(), attribute, ref value);
            (directory.Attributes ??= []).Add((attribute.Keep(), value[..size]));
        }

        directory.Acl = Attributes.ReadAcl(directory.Source, ""u8.ToName());
    }

    /// <summary>Completes a directory whose children are done.</summary>
    public void Complete(DirectoryNode directory, Fd target, in TopDirectory? top)
    {
        var status = directory.Status;
        Files.SetOwner(target, ""u8.ToName(), top?.Uid ?? status.Uid, top?.Gid ?? status.Gid);
        Files.SetMode(target, top?.Mode ?? status.Mode);
        foreach (var (attribute, bytes) in directory.Attributes ?? (IEnumerable<(ByteString, byte[])>)[])
        {
            // A mode that was chosen for the volume is not widened by the ACL of what it covers.
            if (top?.Mode is null || !attribute.Equals(new ByteString("system.posix_acl_access")))
            {
                Set(directory, ""u8.ToName(), target, ""u8.ToName(), attribute, bytes);
            }
        }

        using (var acl = directory.Acl)
        {
            SetAcl(directory, ""u8.ToName(), target, ""u8.ToName(), acl, onlyDefault: top?.Mode is not null);
        }

        Files.SetTimes(target, ""u8.ToName(), status);
        if (top is null || !Attributes.Protects(directory.Flags))
        {
            SetFlags(directory, ""u8.ToName(), target, directory.Flags);
        }
    }

    /// <summary>Gives a directory all that another one has beside its content, file flags excepted.</summary>
    public void Copy(Fd from, Fd to)
    {
        var directory = new DirectoryNode(null, new ByteString("")) { Source = from, Status = Files.Status(from) };
        Remember(directory);
        directory.Flags = 0;
        Complete(directory, to, null);
    }

    /// <summary>Sets flags, or reports that they could not be.</summary>
    public void SetFlags(DirectoryNode directory, CName name, Fd target, int flags) => SetFlags(directory, name, target, ""u8.ToName(), flags);

    /// <summary>Sets flags of a name in a target directory, or reports that they could not be.</summary>
    public void SetFlags(DirectoryNode directory, CName name, Fd target, CName at, int flags)
    {
        if (flags == 0 || held?.Take(directory, name, flags) == true)
        {
            return;
        }

        try
        {
            if (at.Bytes.IsEmpty)
            {
                Attributes.AddFlags(target, flags);
            }
            else
            {
                Attributes.AddFlags(target, at, flags);
            }
        }
        catch (NativeException e)
        {
            report.Lost(directory, name, $"file flags: {e.Reason}");
        }
    }

    private void CopyAttributes(DirectoryNode directory, CName name, Fd source, Fd target, CName at)
    {
        var length = Attributes.List(source, at, ref names);
        for (var start = 0; start < length;)
        {
            var attribute = NameAt(ref start);
            var size = Attributes.Get(source, at, attribute, ref value);
            Set(directory, name, target, at, attribute, value.AsSpan(0, size));
        }

        using var acl = Attributes.ReadAcl(source, at);
        SetAcl(directory, name, target, at, acl, onlyDefault: false);
    }

    private void SetAcl(DirectoryNode directory, CName name, Fd target, CName at, Acl? acl, bool onlyDefault)
    {
        try
        {
            if (acl is not null)
            {
                Attributes.WriteAcl(target, at, acl, onlyDefault);
            }
        }
        catch (NativeException e)
        {
            report.Lost(directory, name, $"ACL: {e.Reason}");
        }
    }

    private void Set(DirectoryNode directory, CName name, Fd target, CName at, CName attribute, ReadOnlySpan<byte> bytes)
    {
        try
        {
            Attributes.Set(target, at, attribute, bytes);
        }
        catch (NativeException e)
        {
            report.Lost(directory, name, $"extended attribute {attribute.ToString()}: {e.Reason}");
        }
    }

    private CName NameAt(ref int start)
    {
        var rest = names.AsSpan(start);
        var length = rest.IndexOf((byte)0) + 1;
        start += length;
        return new CName(rest[..length]);
    }
}

/// <summary>What the top directory gets instead of the source's, where it was chosen for the volume; null takes the source's.</summary>
internal readonly record struct TopDirectory(uint? Uid, uint? Gid, uint? Mode);
