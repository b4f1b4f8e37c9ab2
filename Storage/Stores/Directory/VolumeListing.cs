using System;
using System.Collections.Generic;
using System.Linq;
using Kvol.Native;
using Kvol.Storage.Base;
using Kvol.Storage.Values;

namespace Kvol.Storage.Stores;

/// <summary>Reads all volumes of a directory store; if there are many, in parallel on all processors.</summary>
internal sealed class VolumeListing(DirectoryStore store, Fd directory)
{
    private const int Piece = 256; // to start a thread for fewer takes longer than to read them

    private readonly List<VolumeName> names = [];
    private readonly HashSet<VolumeName> doubtful = [];
    private Volume?[] found = [];

    private readonly Lazy<HashSet<MadeObject>> made = new(() => Emptiness.AllObjects(() => store.OpenRecords(create: false)));

    // Accessed under its own lock. The errors of damaged volumes, with their places in the order.
    private readonly List<(int Place, KvolException Error)> errors = [];

    /// <summary>The volumes by name. Damaged ones are passed to <paramref name="damaged"/>.</summary>
    public IReadOnlyList<Volume> Read(Action<KvolException> damaged)
    {
        FindNames();
        names.Sort((a, b) => string.CompareOrdinal(a.Text, b.Text));
        found = new Volume?[names.Count];
        var pieces = (names.Count + Piece - 1) / Piece;
        WorkerGroup.Share(Math.Min(pieces, Environment.ProcessorCount), pieces, Read);
        foreach (var (_, error) in errors.OrderBy(e => e.Place))
        {
            damaged(error);
        }

        var all = new List<Volume>(found.Length);
        all.AddRange(found.OfType<Volume>());
        return all;
    }

    /// <summary>The names of the volumes, sorted. One without its file is not a volume, and is passed to <paramref name="damaged"/> like
    /// any other damaged one.</summary>
    public IReadOnlyList<string> ReadNames(Action<KvolException> damaged)
    {
        FindNames();
        var texts = new List<string>(names.Count);
        var reader = new VolumeReader(store, directory);
        foreach (var name in names)
        {
            try
            {
                if ((!doubtful.Contains(name) && reader.HasFile(name)) || reader.Find(name, made) is not null)
                {
                    texts.Add(name.Text);
                }
            }
            catch (KvolException e)
            {
                damaged(e);
            }
            catch (NativeException e)
            {
                damaged(new KvolException(HostProbe.StatusOf(e), e.Subject, e.Reason));
            }
        }

        texts.Sort(string.CompareOrdinal);
        return texts;
    }

    private void FindNames()
    {
        using var listing = Files.Reopen(directory);
        var reader = new DirectoryReader();
        reader.Start(listing);
        while (reader.MoveNext())
        {
            var text = reader.Name.ToString();
            if (VolumeName.IsValid(text)) // what is being made or removed starts with a dot; nothing else is kvol's
            {
                names.Add(VolumeName.Parse(text));
                if (reader.Kind != FileKind.Directory)
                {
                    doubtful.Add(names[^1]);
                }
            }
        }
    }

    private void Read(Func<long> next)
    {
        var reader = new VolumeReader(store, directory);
        for (long piece; (piece = next()) >= 0;)
        {
            for (var i = (int)piece * Piece; i < Math.Min(((int)piece + 1) * Piece, names.Count); i++)
            {
                try
                {
                    found[i] = doubtful.Contains(names[i]) ? reader.Find(names[i], made) : reader.Read(names[i], made);
                }
                catch (KvolException e)
                {
                    Add(i, e);
                }
                catch (NativeException e)
                {
                    Add(i, new KvolException(HostProbe.StatusOf(e), e.Subject, e.Reason)); // one bad sector must not hide the other volumes
                }
            }
        }
    }

    private void Add(int place, KvolException error)
    {
        lock (errors)
        {
            errors.Add((place, error));
        }
    }
}
