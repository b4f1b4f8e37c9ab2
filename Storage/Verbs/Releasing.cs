using System.Linq;
using Kvol.Native;
using Kvol.Storage.Base;
using Kvol.Storage.Mounts;
using Kvol.Storage.Values;

namespace Kvol.Storage.Verbs;

/// <summary>The result of a release.</summary>
/// <param name="To">The dataset, or the path of the directory.</param>
/// <param name="Place">Where the host reaches the data now; null if nowhere.</param>
internal sealed record Released(VolumeName Volume, string To, string? Place);

/// <summary><c>kvol release</c>: a volume becomes a dataset or a directory of the host.</summary>
internal static class Releasing
{
    public static Released Run(Context context, VolumeName name, string to, string? mountpoint) => Failures.Name(name.Text, () =>
    {
        using var volume = OpenedVolume.Existing(context, name);
        var known = volume.RequireComplete();
        volume.RequireUnused();
        var released = HostPath.IsMeant(to) ? Directory(context, volume, to, mountpoint)
            : new Released(name, to, volume.Store.Adoption.Release(name, DatasetName.Parse(to),
                mountpoint is null ? null : HostPath.Absolute(mountpoint)));
        LastUses.Forget(context, volume.Store, name);
        SayWayBack(context, known, released.To);
        return released;
    });

    private static void SayWayBack(Context context, Volume known, string to)
    {
        string[] adopt = ["adopt", .. known.Anonymous ? (string[])["--anonymous"] : [],
            .. known.Labels.SelectMany(l => new[] { "-l", $"{l.Key}={l.Value}" }), to, known.Name.Text];
        // Nobody can set a policy that is wrong.
        string[]? set = known.Policy is { } policy && SnapshotPolicy.TryParse(policy, out _) is not null
            ? ["set", known.Name.Text, $"{PropertyName.Policy}={policy}"] : null;
        WayBack.Say(context, $"{known.Name}: to take it back", set is null ? [adopt] : [adopt, set]);
    }

    private static Released Directory(Context context, OpenedVolume volume, string to, string? mountpoint)
    {
        if (mountpoint is not null)
        {
            throw new KvolException(ExitStatus.Usage, "--mountpoint", "is for a dataset; a directory is its own place");
        }

        using var place = HostPlace.Open(to);
        new OwnPlaces(context.Configuration).RequireApart(new ByteString(place.Path));
        using (var top = volume.Store.OpenTop(volume.Name))
        {
            TreeUses.RequireUnheld(top, volume.Name.Text);
        }

        volume.Store.Adoption.Release(volume.Name, place);
        return new Released(volume.Name, place.Path, place.Path);
    }
}
