using System;
using System.Collections.Generic;
using System.Linq;
using Kvol.Native;
using Kvol.Storage.Trees;
using Kvol.Storage.Values;

namespace Kvol.Storage.Archives;

/// <summary>Makes a tree of what a tar archive holds. The archive comes from strangers: a member that could reach anything outside the top
/// directory, or that cannot be made, is refused and listed, and the rest is taken. What is broken in the stream itself is an error
/// (65).</summary>
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
    private readonly List<(long Number, NotKept What)> refused = [];
    private readonly List<(ByteString[] Names, TarEntry Entry)> directories = [];
    private readonly List<(ByteString[] Names, TarEntry Entry, int Flags)> protectedFiles = [];
    private TarEntry? topEntry;
    private long number;

    private TreeImporter(Fd top, TarReader reader, CopyReport report, int jobs, Action checkInterrupt)
    {
        (this.top, this.reader, this.report, this.checkInterrupt) = (top, reader, report, checkInterrupt);
        path = new OpenPath(top);
        metadata = new MetadataWriter(report);
        members = new MemberImporter(reader, top, metadata, report, checkInterrupt);
        batches = new ImportBatches(members, jobs, checkInterrupt);
    }

    /// <summary>Fills an empty directory that belongs to root; what <paramref name="chosen"/> says of it goes before the archive. What was
    /// refused, and the flags that forbid changes to the top directory and its entries, for the caller to set when nothing else is to be
    /// done to them.</summary>
    public static (IReadOnlyList<NotKept> Refused, HeldFlags Held) Import(Fd top, TopDirectory chosen, TarReader reader, CopyReport report,
        int jobs, Action checkInterrupt)
    {
        using var importer = new TreeImporter(top, reader, report, jobs, checkInterrupt);
        while (reader.Next() is { } entry)
        {
            checkInterrupt();
            importer.TryTake(entry);
        }

        importer.batches.Wait();
        return ([.. importer.refused.Concat(importer.batches.Refused).OrderBy(r => r.Number).Select(r => r.What)], importer.Finish(chosen));
    }

    public void Dispose()
    {
        batches.Dispose();
        path.Dispose();
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
            refused.Add((number, new NotKept(entry.Path.ToString(), RefusedException.ReasonOf(e)!)));
        }
    }

    private void Take(TarEntry entry, ByteString[] names)
    {
        if (names.Length == 0)
        {
            topEntry = entry.Kind == TarKind.Directory ? entry
                : throw new RefusedException("the name of the top directory, which it is not");
            return;
        }

        if (pending.Concerns(names, out var hash) || entry.Kind == TarKind.HardLink)
        {
            batches.Wait();
            pending.Clear();
        }

        var parent = path.Go(names.AsSpan()[..^1], make: true);
        if (entry.Kind == TarKind.Directory)
        {
            MemberImporter.MakeDirectory(parent, names[^1]);
            directories.Add((names, entry));
            return;
        }

        var flags = entry.Kind == TarKind.HardLink ? 0 : metadata.FlagsOf(entry);
        if (entry.Kind == TarKind.Regular && entry.Extents is null && reader.Remaining <= ImportBatches.LargestFile)
        {
            pending.Add(hash);
            reader.TakeData(batches.Add(parent, path.Version, number, names[^1], entry, flags, (int)reader.Remaining));
        }
        else
        {
            members.Make(parent, names, entry, flags);
        }

        if (protectedFiles.Count > 0)
        {
            protectedFiles.RemoveAll(p => p.Names.AsSpan().SequenceEqual(names)); // it was replaced
        }

        if (Attributes.Protects(flags))
        {
            protectedFiles.Add((names, entry, flags)); // links and members of the same name may follow
        }
    }

    /// <summary>Completes directories when nothing is made in them any more, and then sets the flags that forbid changes.</summary>
    private HeldFlags Finish(TopDirectory chosen)
    {
        foreach (var (names, entry) in directories)
        {
            checkInterrupt();
            InDirectory(names, directory =>
            {
                metadata.ApplyDirectory(directory, entry);
                var flags = metadata.FlagsOf(entry);
                if (Attributes.Protects(flags))
                {
                    protectedFiles.Add((names, entry, flags));
                }
                else
                {
                    metadata.SetFlags(directory, entry, flags);
                }
            });
        }

        var held = new HeldFlags();
        foreach (var (names, entry, flags) in protectedFiles)
        {
            if (names.Length == 1)
            {
                held.Add(names[0], flags);
            }
            else if (entry.Kind == TarKind.Directory)
            {
                InDirectory(names, directory => metadata.SetFlags(directory, entry, flags));
            }
            else
            {
                InDirectory(names[..^1], parent =>
                {
                    if (Files.Status(parent, names[^1]) is { Links: > 1 } status && TopNameOf(status.Identity) is { } name)
                    {
                        held.Add(name, flags);
                    }
                    else
                    {
                        metadata.SetFlags(parent, names[^1], entry, flags);
                    }
                });
            }
        }

        held.Top = FinishTop(chosen);
        return held;
    }

    /// <summary>A name that a file has in the top directory too; null when it has none there.</summary>
    private ByteString? TopNameOf(FileIdentity identity)
    {
        using var listing = Files.Reopen(top);
        var names = new DirectoryReader();
        for (names.Start(listing); names.MoveNext();)
        {
            if (names.Kind != FileKind.Directory && Files.Status(top, names.Name).Identity == identity)
            {
                return names.Name.Keep();
            }
        }

        return null;
    }

    private int FinishTop(TopDirectory chosen)
    {
        var entry = topEntry ?? new TarEntry { Path = new ByteString("."), Kind = TarKind.Directory, Mode = Permissions.AllEnter,
            ModifyTime = Files.Status(top).ModifyTime };
        metadata.ApplyDirectory(top, entry with
        {
            Uid = chosen.Uid ?? entry.Uid,
            Gid = chosen.Gid ?? entry.Gid,
            Mode = chosen.Mode ?? entry.Mode,
            // a mode that was chosen is not widened by an ACL
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

    // A later member may have replaced it.
    private void InDirectory(ByteString[] names, Action<Fd> action)
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
