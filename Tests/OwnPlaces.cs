using System;
using System.Linq;
using Kvol.Storage.Mounts;
using Kvol.Storage.Verbs;
using Kvol.Tests.Support;
using Xunit;

namespace Kvol.Tests;

/// <summary>No mount covers what kvol needs to undo it: the run directory, the configuration file, the store, or a directory above one of
/// them.</summary>
public class OwnPlaces
{
    [Theory]
    [InlineData("/run", "run directory")]
    [InlineData("/above", "run directory")]
    [InlineData("/link", "run directory")]
    [InlineData("/etc", "configuration file")]
    [InlineData("/etc/kvol.conf", "configuration file")]
    [InlineData("/home/store", "store")]
    [InlineData("/home/store/volumes", "store")]
    [InlineData("/home/store/new", "store")]
    [InlineData("/run/locks", "run directory")]
    [InlineData("/run/new", "run directory")]
    [InlineData("/home", "store")]
    public void A_mount_over_what_kvol_needs_is_refused_before_anything_is_done(string destination, string what)
    {
        using var box = new Box();
        Sys.Mkdir(box.Root + "/above");
        Sys.Mkdir(box.Root + "/above/run");
        Sys.Mkdir(box.Root + "/etc");
        Sys.Mkdir(box.Root + "/home");
        Sys.Write(box.Root + "/etc/kvol.conf", []);
        Sys.Symlink("above/run", box.Root + "/run");
        Sys.Symlink("above", box.Root + "/link");
        box.Environment["KVOL_RUN"] = box.Root + "/run";
        box.Environment["KVOL_CONFIG"] = box.Root + "/etc/kvol.conf";
        box.Environment["KVOL_ROOT"] = box.Root + "/home/store";
        box.Run("create", "old").Ok();
        var source = destination.EndsWith(".conf", StringComparison.Ordinal) ? box.MakeFile("file") : box.MakeDir("src");
        box.Mount("old:/elsewhere").Ok();
        box.Umount().Ok();

        // Where a link leads whose end is missing is known only when the directories are made; the volume is then undone.
        string[] Volumes() => [.. Manifest.Of(box.Root + "/home/store/volumes").Lines.Skip(destination == "/run/new" ? 1 : 0)];
        var before = Volumes();
        foreach (var from in new[] { source, "old", "new" })
        {
            box.Mount($"{from}:{destination}").Refused(64, destination, what);
            box.Run("attach", "www", box.Root, $"{from}:{destination}").Refused(64, destination);
        }

        Assert.Empty(box.Mounts);
        Assert.Equal(before, Volumes());
        Assert.Empty(Sys.List(box.Root + "/run/roots"));
        box.Mount("new:/ok").Ok();
        box.Umount().Ok();
    }
}
