using System;
using System.Collections.Generic;
using System.Linq;
using Kvol.Native;

namespace Kvol.Storage.Mounts;

/// <summary>Finds the records of other root directories that a mount may belong to: root directories may lie inside each other. A record
/// is found by the identity of its root directory, so only the directories above the mount are looked at, not all records.</summary>
internal sealed class NestedRoots(RunRecords runs, FileIdentity own)
{
    private readonly HashSet<ByteString> seen = [];

    /// <summary>The mounts recorded for the directories above a place, without those that an earlier call returned.</summary>
    public IEnumerable<RunRecord> MountsAround(ByteString place)
    {
        var path = place.Bytes;
        var found = new List<RunRecord>();
        for (var slash = path.LastIndexOf((byte)'/'); slash > 0; slash = path[..slash].LastIndexOf((byte)'/'))
        {
            var above = new ByteString(path[..slash]);
            if (!seen.Add(above))
            {
                break; // and so were those above it
            }

            if (IdentityOf(above) is { } identity && identity != own && runs.Find(identity) is { } record)
            {
                found.AddRange(record.Mounts);
            }
        }

        return found;
    }

    private static FileIdentity? IdentityOf(ByteString path)
    {
        try
        {
            return Files.Status(Files.Here, path).Identity;
        }
        catch (NativeException e) when (!e.IsWrongQuestion)
        {
            return null; // it was renamed, or cannot be reached, so nothing is known of it
        }
    }
}
