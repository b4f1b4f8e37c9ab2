using System;
using System.Collections.Generic;
using System.Linq;
using Kvol.Native;
using Kvol.Storage.Trees;
using Kvol.Storage.Values;

namespace Kvol.Storage.Archives;

/// <summary>Makes a tree from a tar archive. The archive comes from strangers: a member that could reach anything outside the top
/// directory, or that cannot be made, is refused and listed, and the rest is imported. A malformed stream is an error (65).</summary>
internal sealed class TreeImporter : IDisposable
{
    private readonly TarReader reader;
    private readonly CopyReport report;
    private readonly Action checkInterrupt;
    private readonly OpenPath path;
    private readonly Fd top;
    private readonly MetadataWriter metadata;
    private readonly MemberImporter members;
    private readonly ImportBatches batches;
    private readonly PendingPaths pending = new();
    private readonly ExactNames exact;
    private readonly LaterMembers directories, protectedFiles;
    private readonly ProtectedMembers protects;
    private TarEntry? topEntry;
    private long number;

    private TreeImporter(Fd top, TarReader reader, CopyReport report, int jobs, Action checkInterrupt)
    {
        (this.top, this.reader, this.report, this.checkInterrupt) = (top, reader, report, checkInterrupt);
        exact = new ExactNames(top);
        path = new OpenPath(top, exact);
        metadata = new MetadataWriter(report);
        members = new MemberImporter(reader, top, exact, metadata, report, checkInterrupt);
        batches = new ImportBatches(members, report, jobs, checkInterrupt);
        (directories, protectedFiles) = (new LaterMembers(top, checkInterrupt), new LaterMembers(top, checkInterrupt));
        protects = new ProtectedMembers(protectedFiles, reader.Beyond);
    }

    /// <summary>Fills an empty directory that belongs to root; <paramref name="chosen"/> overrides the archive's metadata for it. The
    /// caller sets the flags that forbid changes to the top directory and its entries, after all other changes.</summary>
    public static HeldFlags Import(Fd top, TopDirectory chosen, TarReader reader, CopyReport report, int jobs, Action checkInterrupt)
    {
        using var importer = new TreeImporter(top, reader, report, jobs, checkInterrupt);
        while (reader.Next() is { } entry)
        {
            checkInterrupt();
            importer.TryTake(entry);
        }

        importer.batches.Wait();
        return importer.Finish(chosen);
    }

    public void Dispose()
    {
        batches.Dispose();
        members.Dispose();
        path.Dispose();
        directories.Dispose();
        protectedFiles.Dispose();
    }

    private void TryTake(TarEntry entry)
    {
        number++;
        try
        {
            if (entry.Refusal is { } reason)
            {
                throw new RefusedException(reason);
            }

            Take(entry, ArchivePath.Parse(entry.Path));
        }
        catch (Exception e) when (RefusedException.ReasonOf(e) is not null)
        {
            report.Refuse(number, entry.Path, RefusedException.ReasonOf(e)!);
        }
    }

    private void Take(TarEntry entry, ArchivePath to)
    {
        if (to.IsTop)
        {
            topEntry = entry.Kind == TarKind.Directory ? entry
                : throw new RefusedException("has the name of the top directory, but is not a directory");
            return;
        }

        if (pending.Concerns(to.Bytes, out var hash) || entry.Kind == TarKind.HardLink || exact.Fold)
        {
            batches.Wait();
            pending.Clear();
        }

        var parent = path.Go(to.Parent, make: true);
        if (path.Made > TarLimits.Depth + (TarLimits.Parents * number))
        {
            throw reader.Beyond(entry.Path,
                $"needs directories that the archive does not list; the limit is {TarLimits.Parents} for each member");
        }

        if (entry.Kind == TarKind.Directory)
        {
            TakeDirectory(parent, to, entry);
            return;
        }

        var flags = entry.Kind == TarKind.HardLink ? 0 : metadata.FlagsOf(entry);
        if (entry.Kind == TarKind.Regular && entry.Extents is null && reader.Remaining <= ImportBatches.LargestFile
            && entry.HeaderBytes <= ImportBatches.LargestFile)
        {
            pending.Add(hash);
            reader.TakeData(batches.Add(parent, path.Version, number, to.Name, entry, flags, (int)reader.Remaining));
        }
        else
        {
            members.Make(parent, to, entry, flags);
        }

        protects.Made(to, hash, entry, flags);
    }

    private void TakeDirectory(Fd parent, ArchivePath to, TarEntry entry)
    {
        members.MakeDirectory(parent, to.Name);
        if (entry.HeaderBytes > ImportBatches.LargestFile)
        {
            // Too much to be kept in memory; nothing that is made in a directory changes its attributes.
            InDirectory(to.Bytes, directory => metadata.SetAttributes(directory, new ByteString(""), entry));
            entry = entry with { Attributes = [] };
        }

        directories.Add(entry with { Path = new ByteString(to.Bytes) });
        if (Attributes.Protects(MetadataWriter.KnownFlagsOf(entry)))
        {
            protects.HasDirectory(to, entry);
        }
    }

    /// <summary>Completes directories when nothing is made in them any more, and then sets the flags that forbid changes.</summary>
    private HeldFlags Finish(TopDirectory chosen)
    {
        foreach (var entry in directories.Read())
        {
            InDirectory(entry.Path.Bytes, directory =>
            {
                metadata.ApplyDirectory(directory, entry);
                var flags = metadata.FlagsOf(entry);
                if (!Attributes.Protects(flags))
                {
                    metadata.SetFlags(directory, entry, flags);
                }
            });
        }

        var held = new HeldFlags();
        ProtectFiles(held);
        foreach (var entry in protects.HasDirectories ? directories.Read() : [])
        {
            var flags = MetadataWriter.KnownFlagsOf(entry);
            if (Attributes.Protects(flags) && !Holds(held, entry, flags))
            {
                InDirectory(entry.Path.Bytes, directory => metadata.SetFlags(directory, entry, flags));
            }
        }

        held.Top = FinishTop(chosen);
        return held;
    }

    private void ProtectFiles(HeldFlags held)
    {
        // Files with several names, of which one may be in the top directory.
        var linked = new Dictionary<FileIdentity, int>();
        foreach (var entry in protects.Read())
        {
            var flags = MetadataWriter.KnownFlagsOf(entry);
            if (!Holds(held, entry, flags))
            {
                InParent(entry, (parent, name) =>
                {
                    if (Files.Status(parent, name) is { Links: > 1 } status)
                    {
                        linked[status.Identity] = flags;
                    }
                    else
                    {
                        metadata.SetFlags(parent, name, entry, flags);
                    }
                });
            }
        }

        if (linked.Count == 0)
        {
            return;
        }

        HoldThoseAtTop(held, linked);
        foreach (var entry in protects.Read())
        {
            InParent(entry, (parent, name) =>
            {
                if (linked.Remove(Files.Status(parent, name).Identity, out var flags))
                {
                    metadata.SetFlags(parent, name, entry, flags);
                }
            });
        }
    }

    /// <summary>Leaves the flags of files that also have a name in the top directory to the caller of the import.</summary>
    private void HoldThoseAtTop(HeldFlags held, Dictionary<FileIdentity, int> linked)
    {
        using var listing = Files.Reopen(top);
        var names = new DirectoryReader();
        for (names.Start(listing); names.MoveNext();)
        {
            if (names.Kind != FileKind.Directory && linked.Remove(Files.Status(top, names.Name).Identity, out var flags))
            {
                held.Add(names.Name.Keep(), flags);
            }
        }
    }

    private static bool Holds(HeldFlags held, TarEntry entry, int flags)
    {
        var isAtTop = !entry.Path.Bytes.Contains((byte)'/');
        if (isAtTop)
        {
            held.Add(entry.Path, flags);
        }

        return isAtTop;
    }

    private int FinishTop(TopDirectory chosen)
    {
        var entry = topEntry ?? new TarEntry
        {
            Path = new ByteString("."),
            Kind = TarKind.Directory,
            Mode = Permissions.AllEnter,
            ModifyTime = Files.Status(top).ModifyTime
        };
        metadata.ApplyDirectory(top, entry with
        {
            Uid = chosen.Uid ?? entry.Uid,
            Gid = chosen.Gid ?? entry.Gid,
            Mode = chosen.Mode ?? entry.Mode,
            // an ACL must not widen a mode that was chosen
            Acls = chosen.Mode is null ? entry.Acls : [.. entry.Acls.Where(a => a.Kind == AclKind.Default)],
        });
        var flags = metadata.FlagsOf(entry);
        if (Attributes.Protects(flags))
        {
            return flags;
        }

        metadata.SetFlags(top, entry, flags);
        return 0;
    }

    private void InParent(TarEntry entry, Action<Fd, ByteString> action)
    {
        var slash = entry.Path.Bytes.LastIndexOf((byte)'/');
        InDirectory(slash < 0 ? default
            : entry.Path.Bytes[..slash], parent => action(parent, new ByteString(entry.Path.Bytes[(slash + 1)..])));
    }

    // A later member may have replaced it.
    private void InDirectory(ReadOnlySpan<byte> names, Action<Fd> action)
    {
        try
        {
            action(path.Go(names, make: false));
        }
        catch (RefusedException)
        {
        }
        catch (NativeException e) when (e.Failure is Failure.NotFound or Failure.NotDirectory or Failure.Loop)
        {
        }
    }
}
