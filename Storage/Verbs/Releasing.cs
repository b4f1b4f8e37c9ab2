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
        var labels = volume.RequireComplete().Labels.SelectMany(l => new[] { "-l", $"{l.Key}={l.Value}" });
        volume.RequireUnused();
        var released = HostPath.IsMeant(to) ? Directory(context, volume, to, mountpoint)
            : new Released(name, to, volume.Store.Adoption.Release(name, DatasetName.Parse(to),
                mountpoint is null ? null : HostPath.Absolute(mountpoint)));
        LastUses.Forget(context, volume.Store, name);
        WayBack.Say(context, $"{name}: to take it back", "adopt", [.. labels, released.To, name.Text]);
        return released;
    });

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
