using System;
using System.Collections.Generic;
using Kvol.Native;
using Kvol.Storage.Values;

namespace Kvol.Storage.Trees;

/// <summary>The one place with the order in which a copy gets its metadata:
/// <list type="number">
/// <item>owner, because chown(2) drops set-id bits and file capabilities;</item>
/// <item>mode;</item>
/// <item>extended attributes and ACLs, which agree with the mode by now;</item>
/// <item>times, which the steps before would change;</item>
/// <item>flags, because an immutable file takes nothing after them.</item>
/// </list>
/// A directory gets its metadata after its children: they would inherit a default ACL, and making each of them changes the
/// directory's times.</summary>
internal sealed class FileMetadata(CopyReport report, HeldFlags? held = null)
{
    // S_ISUID, S_ISGID, and with S_ISVTX what chown(2) and open(2) do not keep.
    private byte[] names = new byte[4096], value = new byte[4096];

    /// <summary>Completes a regular file. The new file belongs to 0:0 and has the permission bits of its source already. Flags that forbid
    /// changes are left to the caller, who gets all flags.</summary>
    public int Apply(DirectoryNode directory, CName name, Fd source, Fd target, in FileStatus status)
    {
        var mode = status.Mode;
        if (status.Uid != 0 || status.Gid != 0)
        {
            SetOwner(directory, name, target, CName.Empty, status.Uid, status.Gid, ref mode);
        }

        if ((mode & Permissions.Special) != 0)
        {
            SetMode(directory, name, target, CName.Empty, mode); // open(2) makes no set-id bits, and chown(2) dropped them
        }

        CopyAttributes(directory, name, source, target, CName.Empty, mode);
        Files.SetTimes(target, CName.Empty, status);
        return Flags(directory, name, source, CName.Empty);
    }

    /// <summary>Completes a symbolic link, fifo, socket or device, which is not opened; its flags, which are left to the caller.</summary>
    public int ApplyByName(DirectoryNode directory, CName name, in FileStatus status)
    {
        var mode = status.Mode;
        if (status.Uid != 0 || status.Gid != 0)
        {
            SetOwner(directory, name, directory.Target, name, status.Uid, status.Gid, ref mode);
        }

        if (status.Kind != FileKind.SymbolicLink || Files.LinksHaveModes)
        {
            SetMode(directory, name, directory.Target, name, mode);
        }

        CopyAttributes(directory, name, directory.Source, directory.Target, name, mode);
        Files.SetTimes(directory.Target, name, status);
        return Flags(directory, name, directory.Source, name);
    }

    /// <summary>Reads what <see cref="Complete"/> will set on a directory.</summary>
    public void Remember(DirectoryNode directory)
    {
        var none = CName.Empty;
        directory.Flags = Flags(directory, none, directory.Source, none);
        var length = List(directory, none, directory.Source, none);
        for (var start = 0; start < length;)
        {
            var attribute = NameAt(ref start);
            var size = Get(directory, none, directory.Source, none, attribute);
            if (size >= 0)
            {
                (directory.Attributes ??= []).Add((attribute.Keep(), value[..size]));
            }
        }

        directory.Acl = ReadAcl(directory, none, directory.Source, none);
    }

    /// <summary>Completes a directory whose children are done.</summary>
    public void Complete(DirectoryNode directory, Fd target, in TopDirectory? top)
    {
        var none = CName.Empty;
        var status = directory.Status;
        var mode = top?.Mode ?? status.Mode;
        SetOwner(directory, none, target, none, top?.Uid ?? status.Uid, top?.Gid ?? status.Gid, ref mode);
        SetMode(directory, none, target, none, mode);
        foreach (var (attribute, bytes) in directory.Attributes ?? (IEnumerable<(ByteString, byte[])>)[])
        {
            // The ACL of the covered directory must not widen a mode that was chosen for the volume.
            if (top?.Mode is null || Acls.AccessEntries(attribute, bytes) is null)
            {
                Set(directory, none, target, none, attribute, bytes, mode);
            }
        }

        using (var acl = directory.Acl)
        {
            SetAcl(directory, none, target, none, acl, mode, onlyDefault: top?.Mode is not null);
        }

        Files.SetTimes(target, none, status);
        if (top is null || !Attributes.Protects(directory.Flags))
        {
            SetFlags(directory, none, target, directory.Flags);
        }
    }

    /// <summary>Gives a directory all metadata of another one, except file flags.</summary>
    public void Copy(Fd from, Fd to)
    {
        var directory = new DirectoryNode(null, new ByteString("")) { Source = from, Status = Files.Status(from) };
        Remember(directory);
        directory.Flags = 0;
        Complete(directory, to, null);
    }

    /// <summary>Sets flags, or reports that they could not be.</summary>
    public void SetFlags(DirectoryNode directory, CName name, Fd target, int flags) =>
        SetFlags(directory, name, target, CName.Empty, flags);

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
        catch (NativeException e) when (Keeping.IsLoss(e, target))
        {
            report.Lost(directory, name, $"file flags: {e.Reason}");
        }
    }

    // Without its owner a file must not run as another one: the set-id bits go too.
    private void SetOwner(DirectoryNode directory, CName name, Fd target, CName at, uint uid, uint gid, ref uint mode)
    {
        try
        {
            Files.SetOwner(target, at, uid, gid);
        }
        catch (NativeException e) when (Keeping.IsLoss(e, target))
        {
            report.Lost(directory, name, $"owner {uid}:{gid}: {e.Reason}");
            mode &= ~Permissions.SetIds;
        }
    }

    private void SetMode(DirectoryNode directory, CName name, Fd target, CName at, uint mode)
    {
        try
        {
            if (at.Bytes.IsEmpty)
            {
                Files.SetMode(target, mode);
            }
            else
            {
                Files.SetMode(target, at, mode);
            }
        }
        catch (NativeException e) when (Keeping.IsLoss(e, target))
        {
            report.Lost(directory, name, $"mode {Convert.ToString(mode, 8)}: {e.Reason}");
        }
    }

    private void CopyAttributes(DirectoryNode directory, CName name, Fd source, Fd target, CName at, uint mode)
    {
        var length = List(directory, name, source, at);
        for (var start = 0; start < length;)
        {
            var attribute = NameAt(ref start);
            var size = Get(directory, name, source, at, attribute);
            if (size >= 0)
            {
                Set(directory, name, target, at, attribute, value.AsSpan(0, size), mode);
            }
        }

        using var acl = ReadAcl(directory, name, source, at);
        SetAcl(directory, name, target, at, acl, mode, onlyDefault: false);
    }

    private int List(DirectoryNode directory, CName name, Fd source, CName at)
    {
        try
        {
            return Attributes.List(source, at, ref names);
        }
        catch (NativeException e) when (Keeping.IsUnreadable(e))
        {
            report.Lost(directory, name, $"extended attributes: {e.Reason}");
            return 0;
        }
    }

    // The length of the value, or -1 when it cannot be read or is gone since it was listed.
    private int Get(DirectoryNode directory, CName name, Fd source, CName at, CName attribute)
    {
        try
        {
            return Attributes.Get(source, at, attribute, ref value);
        }
        catch (NativeException e) when (Keeping.IsUnreadable(e))
        {
            report.Lost(directory, name, $"extended attribute {attribute.ToString()}: {e.Reason}");
            return -1;
        }
    }

    private int Flags(DirectoryNode directory, CName name, Fd source, CName at)
    {
        try
        {
            return Attributes.Flags(source, at);
        }
        catch (NativeException e) when (Keeping.IsUnreadable(e))
        {
            report.Lost(directory, name, $"file flags: {e.Reason}");
            return 0;
        }
    }

    private Acl? ReadAcl(DirectoryNode directory, CName name, Fd source, CName at)
    {
        try
        {
            return Attributes.ReadAcl(source, at);
        }
        catch (NativeException e) when (Keeping.IsUnreadable(e))
        {
            report.Lost(directory, name, $"ACL: {e.Reason}");
            return null;
        }
    }

    private void SetAcl(DirectoryNode directory, CName name, Fd target, CName at, Acl? acl, uint mode, bool onlyDefault)
    {
        if (acl is null)
        {
            return;
        }

        try
        {
            Attributes.WriteAcl(target, at, acl, onlyDefault);
        }
        catch (NativeException e) when (Keeping.IsLoss(e, target))
        {
            report.Lost(directory, name, Keeping.AclReason(Attributes.IsNfs4(acl), target, e.Reason));
            if (!onlyDefault && Attributes.ModeWithout(acl, mode) is var narrow && narrow != mode)
            {
                SetMode(directory, name, target, at, narrow);
            }
        }
    }

    private void Set(DirectoryNode directory, CName name, Fd target, CName at, CName attribute, ReadOnlySpan<byte> bytes, uint mode)
    {
        try
        {
            Attributes.Set(target, at, attribute, bytes);
        }
        catch (NativeException e) when (Keeping.IsLoss(e, target))
        {
            report.Lost(directory, name, Acls.Carries(attribute) ? Keeping.AclReason(isNfs4: false, target, e.Reason)
                : $"extended attribute {attribute.ToString()}: {e.Reason}");
            if (Acls.AccessEntries(attribute, bytes) is { } entries && PosixAcl.ModeWithout(mode, entries) is var narrow && narrow != mode)
            {
                SetMode(directory, name, target, at, narrow);
            }
        }
    }

    private CName NameAt(ref int start)
    {
        var name = CName.First(names.AsSpan(start));
        start += name.Terminated.Length;
        return name;
    }
}

/// <summary>Metadata that was chosen for the top directory of the volume and replaces the source's; null keeps the source's.</summary>
internal readonly record struct TopDirectory(uint? Uid, uint? Gid, uint? Mode);
