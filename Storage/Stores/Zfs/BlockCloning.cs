using System;
using Kvol.Native;

namespace Kvol.Storage.Stores;

/// <summary>Whether copies between datasets of a pool share their blocks: copy_file_range(2) shares them if the pool, the module and its
/// setting allow it (zfs_clone_range() of module/zfs/zfs_vnops.c).</summary>
internal static class BlockCloning
{
    private const string Feature = "com.fudosecurity:block_cloning";

    /// <summary>Whether kvol lets the kernel clone, and a sentence that gives the reason.</summary>
    public static (bool IsOn, string Text) Of(ZfsSystem zfs, string pool, bool wanted)
    {
        var version = ZfsModule.Version;
        if (!wanted)
        {
            return (false, "no: switched off (clone = off, or --no-clone); every byte is copied");
        }

        if (version < new Version(2, 2))
        {
            return (false, $"no: OpenZFS {version} has no block cloning (it came with 2.2); kvol copies all bytes");
        }

        // Until 2.2.4, cloning lost holes and mixed up blocks: OpenZFS #15526, #15933 and others.
        if (version < new Version(2, 2, 4))
        {
            return (false, $"no: block cloning of OpenZFS {version} has known bugs, so kvol copies all bytes; it uses 2.2.4 and later");
        }

        // Checks that need no query to the pool come first.
        return !ZfsModule.CloningEnabled ? (false, $"no: {ZfsModule.CloningSetting} is 0 on this host; kvol copies all bytes")
            : ZfsErrors.Reading(pool, () => zfs.Device.PoolConfiguration(pool)).Inner("feature_stats")?.Has(Feature) == true
            ? (true, $"yes: a seeding from another dataset of {pool} shares its blocks where alignment and encryption keys allow it "
                + $"(OpenZFS {version})")
            : (false, $"no: the pool has not enabled the feature block_cloning ('zpool set feature@block_cloning=enabled {pool}'); "
                + "every byte is copied");
    }
}
