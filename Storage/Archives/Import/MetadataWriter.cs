using System;
using Kvol.Native;
using Kvol.Storage.Trees;
using Kvol.Storage.Values;

namespace Kvol.Storage.Archives;

/// <summary>Sets the metadata of a file from an archive, in the order that <see cref="FileMetadata"/> explains, and reports what the file
/// system cannot store.</summary>
internal sealed class MetadataWriter(CopyReport report)
{
    // S_ISUID and S_ISGID, and with S_ISVTX what chown(2) and open(2) do not keep.
    /// <summary>Completes what was just made, belongs to 0:0 and has the permission bits of the entry already. An empty
    /// <paramref name="name"/> means the descriptor itself. Flags are the caller's.</summary>
    public void Apply(Fd at, CName name, TarEntry entry)
    {
        var mode = entry.Mode;
        if (entry.Uid != 0 || entry.Gid != 0)
        {
            SetOwner(at, name, entry, ref mode);
        }

        if (entry.Kind == TarKind.SymbolicLink ? Files.LinksHaveModes : (mode & Permissions.Special) != 0)
        {
            SetMode(at, name, entry, mode);
        }

        ApplyRest(at, name, entry, mode);
    }

    /// <summary>Completes a directory, whatever its owner is by now.</summary>
    public void ApplyDirectory(Fd directory, TarEntry entry)
    {
        var mode = entry.Mode;
        SetOwner(directory, CName.Empty, entry, ref mode);
        SetMode(directory, CName.Empty, entry, mode);
        ApplyRest(directory, CName.Empty, entry, mode);
    }

    /// <summary>The flags of the entry; unknown ones are reported.</summary>
    public int FlagsOf(TarEntry entry) =>
        entry.Flags is null ? 0
        : FlagText.Parse(entry.Flags, word =>
        report.Lost(CopyReport.Shorten(entry.Path), $"file flag {new ByteString(word)}: not known on this system"));

    /// <summary>The same, but does not report unknown flags.</summary>
    public static int KnownFlagsOf(TarEntry entry) => entry.Flags is null ? 0 : FlagText.Parse(entry.Flags, _ => { });

    /// <summary>Sets flags, or reports that they could not be.</summary>
    public void SetFlags(Fd file, TarEntry entry, int flags)
    {
        if (flags != 0)
        {
            Try(file, entry, "file flags", () => Attributes.AddFlags(file, flags));
        }
    }

    /// <summary>Sets flags of a name, the link itself when it is one, or reports that they could not be.</summary>
    public void SetFlags(Fd at, ByteString name, TarEntry entry, int flags)
    {
        if (flags != 0)
        {
            Try(at, entry, "file flags", () => Attributes.AddFlags(at, name, flags));
        }
    }

    /// <summary>Sets the extended attributes alone. An empty <paramref name="name"/> means the descriptor itself.</summary>
    public void SetAttributes(Fd at, ByteString name, TarEntry entry)
    {
        foreach (var (attribute, value) in entry.Attributes)
        {
            Try(at, entry, $"extended attribute {attribute}", () => Attributes.Set(at, name, attribute, value));
        }
    }

    private void ApplyRest(Fd at, CName name, TarEntry entry, uint mode)
    {
        if (entry.Attributes.Count > 0 || entry.Acls.Count > 0)
        {
            var kept = name.Keep();
            SetAttributes(at, kept, entry);
            foreach (var (kind, text) in entry.Acls)
            {
                ApplyAcl(at, kept, entry, kind, text, mode);
            }
        }

        Files.SetTimes(at, name, new FileStatus
        {
            AccessTime = entry.AccessTime
            ?? entry.ModifyTime,
            ModifyTime = entry.ModifyTime,
            BirthTime = entry.BirthTime ?? default
        });
    }

    // An access list without a mask is equivalent to a mode.
    private void ApplyAcl(Fd at, ByteString name, TarEntry entry, AclKind kind, string text, uint mode)
    {
        var entries = kind == AclKind.Access ? PosixAcl.Parse(text) : null;
        if (entries is [{ Tag: AclTag.Owner } owner, { Tag: AclTag.OwningGroup } group, { Tag: AclTag.Other } other])
        {
            SetMode(at, name, entry,
                (mode & Permissions.Special) | (uint)((owner.Permissions << 6) | (group.Permissions << 3) | other.Permissions));
            return;
        }

        try
        {
            Acls.Write(at, name, kind, text);
        }
        catch (NativeException e) when (Keeping.IsLoss(e, at))
        {
            report.Lost(CopyReport.Shorten(entry.Path), Keeping.AclReason(kind == AclKind.Nfs4, at, e.Reason));
            if (entries is not null && PosixAcl.ModeWithout(mode, entries) is var narrow && narrow != mode)
            {
                SetMode(at, name, entry, narrow);
            }
        }
    }

    // Without its owner a file must not run as another one: the set-id bits go too.
    private void SetOwner(Fd at, CName name, TarEntry entry, ref uint mode)
    {
        var kept = name.Keep();
        if (!Try(at, entry, $"owner {entry.Uid}:{entry.Gid}", () => Files.SetOwner(at, kept, entry.Uid, entry.Gid)))
        {
            mode &= ~Permissions.SetIds;
        }
    }

    private void SetMode(Fd at, CName name, TarEntry entry, uint mode)
    {
        var kept = name.Keep();
        Try(at, entry, $"mode {Convert.ToString(mode, 8)}", () =>
        {
            if (kept.Length == 0)
            {
                Files.SetMode(at, mode);
            }
            else
            {
                Files.SetMode(at, kept, mode);
            }
        });
    }

    private bool Try(Fd at, TarEntry entry, string what, Action set) =>
        Keeping.Try(at, set, reason => report.Lost(CopyReport.Shorten(entry.Path), $"{what}: {reason}"));
}
