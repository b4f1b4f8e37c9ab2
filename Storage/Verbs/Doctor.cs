using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using Kvol.Native;
using Kvol.Storage.Base;
using Kvol.Storage.Mounts;
using Kvol.Storage.Stores;
using Kvol.Storage.Values;

namespace Kvol.Storage.Verbs;

/// <summary>One thing that doctor checked.</summary>
internal sealed record Finding(string Subject, bool Good, string Text);

/// <summary>Checks what kvol needs; changes nothing.</summary>
internal static class Doctor
{
    public static IReadOnlyList<Finding> Examine(string? rootOption)
    {
        var findings = new List<Finding>
        {
            new(
                "privilege", Host.IsRoot,
                Host.IsRoot ? "running as root" : "not running as root: only doctor and --help work; run kvol as root"),
            new("mount calls", KernelMounts.IsAvailable, KernelMounts.IsAvailable ? Host.MountRequirement
                : $"missing: needs {Host.MountRequirement}; kvol refuses to mount in a weaker way"),
        };
        if (Failing(() => HostProbe.Prepare()) is { } few)
        {
            findings.Add(new("open files", false, few));
        }

        if (Host.IsJailed)
        {
            findings.Add(new("jail", false, HostProbe.Jailed));
        }

        if (Host.SecureLevel is > 0 and var level)
        {
            findings.Add(new(
                "securelevel", true,
                    $"{level}: the flags schg, sappnd and sunlnk stay until the next boot; what rm cannot delete for them, gc deletes "
                        + "after it"));
        }

        Configuration configuration;
        try
        {
            configuration = Configuration.Load(rootOption);
            findings.Add(new("configuration", true,
                $"store {configuration.Root}{(configuration.StoreId is null ? "" : $" ({configuration.StoreId})")}, "
                + $"{configuration.Jobs} workers"));
        }
        catch (KvolException e)
        {
            findings.Add(new("configuration", false, e.Message));
            return findings;
        }

        try
        {
            using var store = VolumeStores.Open(configuration, create: false,
                new Upkeep(warning => findings.Add(new("store", true, warning)), null));
            findings.Add(new("store", true, store is null ? "not there yet; the first create or mount makes it"
                : $"{store.Root}, id {store.Id}"));
            findings.AddRange(DoctorOfStore.Examine(store));
            findings.Add(new("cloning", true, store is null ? "known once there is a store" : store.CloningStatus()));
            if (store?.Trouble is { } trouble)
            {
                findings.Add(new("store", false, trouble));
            }

            if (store?.Exposure is { } exposure)
            {
                findings.Add(new("store", false, exposure));
            }

            if (store is not null && Deleting.Space(store) is { } deleted)
            {
                findings.Add(Deleted(deleted));
            }

            var volumes = store?.List(e => findings.Add(new("volume", false, e.Message))) ?? [];
            var mounted = MountViews.Of(configuration, Upkeep.Quiet, store);
            findings.AddRange(volumes.OfType<Volume>().Where(v => v.State == VolumeState.Empty)
                .Select(v => Unseeded(v, mounted)).OfType<Finding>());
            findings.AddRange(volumes.OfType<Volume>().Where(v => v.State == VolumeState.Seeding).Select(v => new Finding(
                $"volume {v.Name}", true,
                $"its seeding is running or was interrupted; 'kvol gc' heals it, 'kvol rm {v.Name}' removes the volume")));
            findings.AddRange(PolicyCheck.Of(configuration, store, volumes.OfType<Volume>()));
            findings.AddRange(mounted.GroupBy(m => (m.Type, m.Source))
                .Select(g => SharedVolume.Warning([.. g]) is { } warning ? new Finding($"{g.Key.Type} {g.Key.Source}", true, warning)
                    : null).OfType<Finding>());
        }
        catch (KvolException e)
        {
            findings.Add(new("store", false, e.Message));
        }
        catch (IOException e)
        {
            findings.Add(new("store", false, e.Message));
        }

        findings.Add(RunDirectory(configuration));
        try
        {
            findings.AddRange(RunRecords.Damaged(configuration).Concat(Holds.Damaged(configuration))
                .Select(d => new Finding("run record", false, d)));
        }
        catch (NativeException e) when (e.Failure == Failure.NotPermitted)
        {
            findings.Add(new("run record", true, "only root sees the records; run doctor as root to check them"));
        }

        findings.Add(Zfs(configuration));
        if (HostProbe.OwnMounts is { } own)
        {
            findings.Add(new("mount namespace", true, own));
        }

        if (HostProbe.OwnProcesses is { } limited)
        {
            findings.Add(new("PID namespace", true, limited));
        }

        try
        {
            var others = ProcessTable.OtherMountTables().Count;
            findings.Add(new("mount namespaces", true, $"kvol sees {Plural.Of(Math.Max(others - 1, 0), "other mount namespace")}"));
        }
        catch (IOException e)
        {
            findings.Add(new("mount namespaces", false, $"{e.Message}; volumes can be mounted, but not seeded, removed or pruned"));
        }

        return findings;
    }

    private static string? Failing(Action check)
    {
        try
        {
            check();
            return null;
        }
        catch (KvolException e)
        {
            return e.Message;
        }
    }

    private static Finding Deleted(DeletedSpace space) => new("deleted volumes", true,
        $"{space.Count} {(space.Count == 1 ? "is kept and takes" : "are kept and take")} {Size.Words(space.Bytes)}; "
        + (space.Past > 0 ? $"{space.Past} {(space.Past == 1 ? "has" : "have")} expired: 'kvol gc' removes what has expired; "
            : $"the first until {Timestamp.Local(space.FirstUntil)}; ")
        + "'kvol prune --deleted' frees the space now");

    private static Finding? Unseeded(Volume volume, IReadOnlyList<MountView> mounted)
    {
        var writable = mounted.Where(m => m.Volume == volume.Name && m is { ReadOnly: false, IsHold: false }).Select(m => m.Path).ToArray();
        return writable.Length == 0 ? null
            : new($"volume {volume.Name}", true,
                $"is empty and mounted writable on {string.Join(", ", writable)}; no mount seeds it until that is unmounted");
    }

    private static Finding RunDirectory(Configuration configuration)
    {
        var text = configuration.RunDirectory;
        try
        {
            using var run = OwnDirectory.Open(configuration.RunDirectory, new Upkeep(warning => text = warning, null), create: false);
        }
        catch (KvolException e)
        {
            return new("run directory", false, e.Message);
        }
        catch (IOException)
        {
            text = "not there yet; the first mount makes it";
        }

        return new("run directory", true, text);
    }

    private static Finding Zfs(Configuration configuration)
    {
        try
        {
            using var zfs = ZfsSystem.Open();
            _ = zfs.Core;
            return new("ZFS", true, $"OpenZFS {ZfsModule.Version}, libzfs_core works");
        }
        catch (KvolException e)
        {
            var needed = !configuration.Root.StartsWith('/');
            return new("ZFS", !needed, needed ? e.Message : $"not used by this store, and not available ({e.Message})");
        }
    }
}
