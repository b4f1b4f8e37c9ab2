using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using Kvol.Native;
using Kvol.Storage.Archives;
using Kvol.Storage.Base;
using Kvol.Storage.Stores;
using Kvol.Storage.Values;

namespace Kvol.Storage.Verbs;

/// <summary><c>kvol import-from</c>: volumes and mounts of another program become volumes and mounts of kvol.</summary>
internal static class ImportingFrom
{
    /// <summary>The programs and files that it reads.</summary>
    public static readonly string[] Kinds = ["docker", "podman", "fstab"];

    /// <summary>The directory that the administrator named for a program, with absolute path and links resolved: links inside it are the
    /// other program's, and are not followed.</summary>
    public static string Place(string path) =>
        HostPlace.Resolve(HostPath.Absolute(path)) is { IsText: true } there ? there.Text : HostPath.Absolute(path);

    /// <summary>Reads what a program keeps, and changes nothing.</summary>
    /// <param name="path">A file, or a <see cref="Place"/>.</param>
    /// <param name="rootDirectory">For fstab: the root directory whose mounts count.</param>
    public static ForeignHost Read(Context context, string kind, string path, string? rootDirectory)
    {
        switch (kind)
        {
            case "docker":
                return DockerFiles.Read(path);
            case "podman":
                return PodmanFiles.Read(path);
            default:
                using (var file = InputFile.Open(path))
                {
                    return FstabFile.Parse(Encoding.UTF8.GetString(file.ReadAll(context).Span), file.Subject,
                        HostPath.Absolute(rootDirectory!));
                }
        }
    }

    /// <summary>Keeps the other program from changing what is taken; an error (75) if it runs.</summary>
    public static IDisposable? Hold(string kind, string place)
    {
        var (database, program) = kind == "docker" ? (DockerFiles.Database(place), "Docker") : (PodmanFiles.Database(place), "podman");
        var held = Files.FindRead(new ByteString(database));
        if (held.IsOpen && !Files.Lock(held, wait: false))
        {
            held.Dispose();
            throw new KvolException(ExitStatus.Busy, database, $"{program} has it open; stop {program}, and its service, first");
        }

        return held;
    }

    /// <summary>Makes one of its volumes a volume of this store.</summary>
    public static Adopted Take(Context context, ForeignVolume volume) => Adopting.Run(context, volume.Directory, volume.Name,
        new NewVolume(volume.Anonymous, volume.Labels));

    /// <summary>What <c>kvol apply</c> must be told, so that what was mounted in containers is mounted in root directories. Mounts of
    /// volumes that this store lacks are left out, each with a warning.</summary>
    /// <param name="rootDirectory">Root directory of the file, or the directory above those of all containers; null: no mounts.</param>
    /// <param name="jail">The jail of the file, or null.</param>
    public static DeclaredHost Declare(Context context, ForeignHost host, string? rootDirectory, string? jail)
    {
        using var store = VolumeStores.Open(context.Configuration, create: false, context.Upkeep);
        var present = store?.Names(_ => { }).ToHashSet() ?? [];
        DeclaredVolume[] volumes = [.. host.Volumes.Where(v => present.Contains(v.Name.Text)).Select(v => new DeclaredVolume(v.Name)
        {
            Anonymous = v.Anonymous ? true : null,
            Labels = v.Labels.ToDictionary(l => l.Key, l => (string?)l.Value),
        })];
        if (rootDirectory is null)
        {
            if (host.Roots.Count > 0)
            {
                context.Warn($"the mounts of {Plural.Of(host.Roots.Count, "container")} are left out; to have them: --rootdir DIR, "
                    + "where DIR holds a root directory for each of them");
            }

            return new DeclaredHost(volumes, []);
        }

        var above = HostPath.Absolute(rootDirectory);
        return new DeclaredHost(volumes, [.. host.Roots.Select(Root).OfType<DeclaredRoot>()]);

        DeclaredRoot? Root(ForeignRoot root)
        {
            if (root.Name is null)
            {
                return new DeclaredRoot(above, jail, root.Mounts);
            }

            foreach (var mount in root.Mounts.Where(m => !IsThere(m)))
            {
                context.Warn($"container {Shown.Word(root.Name)}: the mount on {Shown.Word(mount.Destination)}: left out: "
                    + $"there is no volume {mount.Volume}");
            }

            MountSpec[] mounts = [.. root.Mounts.Where(IsThere)];
            return mounts.Length == 0 ? null : new DeclaredRoot($"{above.TrimEnd('/')}/{root.Name}", JailName.Parse(root.Name), mounts);
        }

        bool IsThere(MountSpec mount) => mount.Volume is null || present.Contains(mount.Volume.Text);
    }
}
