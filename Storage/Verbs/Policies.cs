using Kvol.Storage.Base;
using Kvol.Storage.Stores;
using Kvol.Storage.Values;

namespace Kvol.Storage.Verbs;

/// <summary>The policy of snapshots that a volume has: its own, or the default of the configuration.</summary>
internal static class Policies
{
    /// <summary>The text of the policy, right or wrong; null if there is none. The default applies to named volumes that kvol made here.
    /// It does not apply to volumes without a name, which prune removes only while they have no snapshots, and not to copies, which
    /// receive the snapshots of the original.</summary>
    public static string? TextOf(Configuration configuration, Volume volume) => volume.Policy
        ?? (volume is { Anonymous: false, IsMadeHere: true, IsReadOnly: false } ? configuration.Snapshots?.ToString() : null);

    /// <summary>The policy; null if there is none. An error (65) if it was written by hand and is wrong.</summary>
    public static SnapshotPolicy? Of(Configuration configuration, Volume volume) =>
        TextOf(configuration, volume) is not { } text ? null
            : SnapshotPolicy.TryParse(text, out var problem) ?? throw new KvolException(ExitStatus.Damaged, volume.Name.Text,
                $"its policy is wrong: {problem}; set it again: kvol set {volume.Name} {PropertyName.Policy}=POLICY");

    /// <summary>The policy if it asks for snapshots; null if it does not. An error (69) if the volume is read-only.</summary>
    public static SnapshotPolicy? InForce(Configuration configuration, Volume volume) =>
        Of(configuration, volume) is not { Rules.Count: > 0 } policy ? null
            : !volume.IsReadOnly ? policy
            : throw new KvolException(ExitStatus.Unavailable, volume.Name.Text,
                $"is read-only, so its snapshots would all be the same; end its policy: kvol set {volume.Name} {PropertyName.Policy}=none");

    /// <summary>Why the store can execute no policy, and what to do; null if it can.</summary>
    public static string? Obstacle(IVolumeStore store) =>
        store.CannotSnapshot is { } reason ? $"{reason}; or end the policies: kvol set VOL {PropertyName.Policy}=none" : null;

    /// <summary>The entry with the policy that counts, for lists.</summary>
    public static StoreEntry Shown(Configuration configuration, StoreEntry entry) =>
        configuration.Snapshots is not null && entry is Volume { Policy: null } volume && TextOf(configuration, volume) is { } text
            ? volume with { Policy = text } : entry;
}
