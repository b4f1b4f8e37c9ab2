using System;
using System.Collections.Generic;
using System.Linq;
using Kvol.Tests.Support;
using Xunit;

namespace Kvol.Tests;

/// <content>What is refused.</content>
public partial class Containers
{
    public static TheoryData<string> Refusals => [.. Refused.Keys];

    // The annotation, what is done before, and what kvol says.
    private static readonly Dictionary<string, (string Spec, string Before, int Status, string Words)> Refused = new()
    {
        ["a directory of the host"] = ("/etc:/etc2", "", 64, "can only name volumes"),
        ["a relative directory of the host"] = ("./x:/x", "", 64, "can only name volumes"),
        ["a path in a volume"] = ("v:/v:subpath=x", "", 64, "out of the volume"),
        ["a snapshot"] = ("v@s:/v", "", 64, "names a snapshot"),
        ["mapped owners"] = ("v:/v:idmap=/proc/1/ns/user", "", 64, "idmap"),
        ["another file system"] = ("type=tmpfs,destination=/tmp", "", 64, "tmpfs"),
        ["every file system"] = ("v:/v:recursive", "", 64, "'recursive'"),
        ["no SPEC"] = ("v", "", 64, "the destination is missing"),
        ["an unknown option"] = ("v:/v:xyz", "", 64, "xyz"),
        ["a name that is none"] = ("a b:/v", "", 64, "not a volume name"),
        ["a volume that may not be made"] = ("v:/v:nocreate", "", 66, "no such volume"),
        ["a destination that is taken"] = ("v:/proc", "", 64, "proc is mounted on /proc"),
        ["a link to a destination that is taken"] = ("v:/p", "mkdir $R/proc; ln -s proc $R/p", 64, "proc is mounted on /proc"),
        ["a destination through a file"] = ("v:/f/v", "echo x >$R/f", 73, "/f/v"),
        ["a file as destination"] = ("v:/f", "echo x >$R/f", 73, "is not a directory"),
        ["a loop of links"] = ("v:/l", "ln -s l $R/l", 73, "too many symbolic links"),
        ["a foreign directory in the store"] =
            ("v:/v", "\"$KVOL\" init; mkdir $KVOL_ROOT/volumes/v; echo x >$KVOL_ROOT/volumes/v/f", 65, "volume.json"),
        ["a root directory that is not there"] = ("v:/v", "rmdir $R", 66, "does not exist"),
        ["a root directory in the store"] =
            ("v:/v", "rmdir $R; \"$KVOL\" create s; ln -s $KVOL_ROOT/volumes/s/data $R", 64, "inside the store"),
        ["an empty volume that is writable elsewhere"] =
            ("v:/v", "mkdir $R/v o; echo x >$R/v/f; \"$KVOL\" mount -q o v:/v", 75, "mounted writable"),
        ["a hold that somebody wrote"] =
            ("v:/v", "sed -i 's/\"annotations\":{/&\"org.kvol.hold\":\"x\",/' config.json", 64, "org.kvol.hold"),
        ["a destination that is given twice"] =
            ("v:/v", "sed -i 's/\"annotations\":{/&\"org.kvol.volume.x\":\"w:\\/v\",/' config.json", 64, "two mounts"),
        ["a destination that is reached twice"] =
            ("v:/v", "mkdir $R/v; ln -s v $R/w; sed -i 's/\"annotations\":{/&\"org.kvol.volume.x\":\"w:\\/w\",/' config.json", 64,
                "same directory"),
        ["another member of the same name"] = ("v:/v", "sed -i 's/\"mounts\"/\"annotations\":{},&/' config.json", 65, "twice"),
        ["no JSON"] = ("v:/v", "echo '}' >>config.json", 65, "not valid JSON"),
        ["no root directory"] = ("v:/v", "sed -i 's/\"root\"/\"r\"/' config.json", 65, "root.path"),
        ["a standard output that is full"] = ("v:/v", "", 71, "standard output"),
    };

    [Theory]
    [MemberData(nameof(Refusals))]
    public void A_refusal_prints_nothing_and_leaves_nothing(string name)
    {
        var (spec, before, status, words) = Refused[name];
        using var box = Bundle(("1", spec));
        box.Shell(before.Length == 0 ? ":" : before).Ok();
        var volumes = Volumes(box);
        var said = name.EndsWith("full", StringComparison.Ordinal) ? box.Shell("\"$KVOL\" oci precreate <config.json >/dev/full")
            : Precreate(box);
        said.Refused(status, words);
        Assert.Equal("", said.Out);
        Assert.Equal(volumes, Volumes(box));
        Assert.Empty(Sys.Exists(box.Top + "/run/holds") ? Sys.List(box.Top + "/run/holds") : []);
    }

    [Fact]
    public void A_seeding_that_has_no_room_leaves_nothing()
    {
        using var box = Bundle(("1", "small:/s"), ("2", "big:/b"));
        box.Shell("mkdir $KVOL_ROOT $R/s $R/b; mount -t tmpfs -o size=1m,mode=700 tmpfs $KVOL_ROOT; echo x >$R/s/f; "
            + "head -c 3000000 /dev/zero >$R/b/f").Ok();
        Precreate(box).Refused(73, "no room left");
        Assert.Empty(box.Volumes);
        Assert.Empty(box.Run("mounts", "-H").Ok().Out);
    }

    private static string[] Volumes(Box box) => Sys.Exists(box.Store + "/volumes")
        ? [.. Sys.List(box.Store + "/volumes").Where(n => n[0] != '.').Order()] : [];
}
