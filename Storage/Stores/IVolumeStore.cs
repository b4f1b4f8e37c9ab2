using System;
using System.Collections.Generic;
using Kvol.Native;
using Kvol.Storage.Base;
using Kvol.Storage.Values;

namespace Kvol.Storage.Stores;

/// <summary>Where volumes live. A verb that changes a volume wants its lock held.</summary>
internal interface IVolumeStore : IDisposable
{
    /// <summary>As the administrator named it.</summary>
    string Root { get; }

    /// <summary>The id that the configuration may name.</summary>
    string Id { get; }

    /// <summary>Whether files of it may share blocks, and why not; found out by trying where nothing else tells.</summary>
    string CloningStatus();

    /// <summary>The same where it is known without trying; null elsewhere.</summary>
    string? KnownCloningStatus { get; }

    /// <summary>What lets others than root reach the volumes through the store, and what to do; null when nothing does.</summary>
    string? Exposure { get; }

    /// <summary>What keeps the store from taking anything more, and what to do; null when nothing does. It is found out by
    /// trying.</summary>
    string? Trouble { get; }

    /// <summary>Moves a damaged volume, or what has the name of one, to where it is in nobody's way; where it lies now. Nothing of it is
    /// deleted.</summary>
    string SetAside(VolumeName name);

    /// <summary>Removes the temporary files that a kill left in the store, and with <paramref name="dryRun"/> only finds them; their
    /// paths.</summary>
    IReadOnlyList<string> Sweep(bool dryRun);

    /// <summary>All volumes by name, and what lies among them and is none; what cannot be read is given to <paramref name="damaged"/> and
    /// left out.</summary>
    IReadOnlyList<Volume> List(Action<KvolException> damaged);

    /// <summary>A volume, or null; an error (65) when its metadata is damaged.</summary>
    Volume? Find(VolumeName name);

    /// <summary>Takes the lock of a name, whether or not it exists, and clears what a crash left of it; where it is
    /// <paramref name="toRemove"/>, nothing is completed for that.</summary>
    IDisposable Lock(VolumeName name, Context context, bool toRemove = false);

    /// <summary>The names of which a crash may have left something that taking their lock clears; for gc.</summary>
    IReadOnlyList<VolumeName> Unfinished();

    /// <summary>Makes a volume at one instant; an existing one is left as it is: then false.</summary>
    bool Create(VolumeName name, NewVolume wanted);

    /// <summary>Removes a volume that the caller knows to be unused, at one instant; its snapshots too when
    /// <paramref name="force"/>.</summary>
    void Remove(VolumeName name, bool force);

    /// <summary>The content of a volume, as a reference to mount.</summary>
    Fd OpenContent(VolumeName name);

    /// <summary>Whether it holds nothing but mount points that kvol made.</summary>
    bool IsEmpty(VolumeName name);

    /// <summary>Gives an empty volume the owner and mode of what it covers: what its <see cref="Volume.Takes"/> says and nobody chose, for
    /// the last time; both where that is null, because this command made it.</summary>
    void TakeOwner(VolumeName name, in FileStatus from, TopParts? takes);

    /// <summary>Fills an empty volume with a copy of a directory, all or nothing and durably. Whether it <paramref name="isMounted"/>,
    /// read-only, anywhere.</summary>
    SeedRecord Seed(VolumeName name, Fd source, string sourceText, bool crossMounts, bool isMounted, Context context, CopyReport report);

    /// <summary>Bytes allocated by its content.</summary>
    long Used(VolumeName name);

    /// <summary>Tells which volume a row of a mount table shows, or null when it shows none of this store. Rows of other mount namespaces
    /// may be asked too.</summary>
    Func<MountEntry, ShownVolume?> Classifier(MountTable table);

    /// <summary>Where the content of a volume can be seen at this moment; null when it cannot.</summary>
    ByteString? ContentPath(VolumeName name);

    /// <summary>The directory with what must outlive the boot: mount points made in root directories. None when it is not there and
    /// <paramref name="create"/> is false.</summary>
    Fd OpenRecords(bool create);
}

/// <summary>A volume that a mount shows; <paramref name="IsHome"/> when the mount is where the store itself keeps it.</summary>
internal readonly record struct ShownVolume(VolumeName Volume, bool IsHome);
