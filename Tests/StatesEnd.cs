using System;
using System.Collections.Generic;
using System.Linq;
using Kvol.Storage.Values;
using Kvol.Tests.Support;
using Xunit;

namespace Kvol.Tests;

/// <summary>Each state that a list of volumes can show, in a directory store: how it comes about, and the verbs that end it. A state that
/// no verb ends is a defect, whatever brought it about.</summary>
public class StatesEnd
{
    // Seeding is made by a kill before and after the commit, by a name that somebody took meanwhile, and by a damaged file. The other
    // file with flags is that of a top directory.
    public static TheoryData<string, string> Ways
    {
        get
        {
            var ways = new TheoryData<string, string>();
            foreach (var (state, verbs) in new Dictionary<string, string>
            {
                ["empty"] = "mount, seed, rm, prune, import",
                ["ready"] = "rm, rm -f, prune, rename",
                ["ready flags"] = "rm, rm -f, mount without",
                ["seeding before"] = "mount, gc, rm, rm -f, rename, clone, export",
                ["seeding after"] = "mount, gc, rm, rm -f, rename, clone, export",
                ["seeding taken"] = "rm, rm -f",
                ["seeding flags"] = "rm, rm -f, mount without",
                ["new"] = "gc, create",
                ["gone"] = "gc, create",
                ["damaged record"] = "rm -f",
                ["damaged version"] = "rm -f",
                ["damaged content"] = "rm -f",
                ["damaged directory"] = "rm -f",
                ["damaged file"] = "rm -f",
                ["damaged link"] = "rm -f",
                ["deleted"] = "undelete, gc",
                ["deleted record"] = "undelete ID",
                ["deleted version"] = "undelete ID",
            })
            {
                foreach (var verb in verbs.Split(", "))
                {
                    ways.Add(state, verb);
                }
            }

            return ways;
        }
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public void Ends_by(string state, string verb)
    {
        using var box = new Box("ext4");
        box.Shell("mkdir -p $R/data/d reader/data; cd $R/data; echo 1 >a; echo 2 >b; echo 3 >c; chattr +i a d").Ok();
        Make(box, state);
        var shown = state.Split(' ')[0];
        if (VolumeStates.Names.Contains(shown))
        {
            Assert.Equal(shown, box.Inspect("v").GetProperty("state").GetString());
        }

        if (shown == "damaged")
        {
            Assert.Contains("'kvol rm -f v' moves it aside", box.Run("ls").Err, StringComparison.Ordinal);
            box.Mount("v:/data").Refused(65, "'kvol rm -f v' moves it aside");
        }

        var flags = state is "seeding flags" ? ".seeded/held.json" : ".top-flags.json";
        if (state is "seeding flags" or "ready flags")
        {
            box.Mount("v:/data").Refused(65, $"rm {box.Store}/volumes/v/{flags}", "kvol rm v");
        }

        if (state is "deleted record" or "deleted version")
        {
            box.Run("gc").Refused(75, $"'kvol undelete {Deleted(box)}' brings it back");
            box.Run("ls", "--deleted").Refused(65, $"'kvol undelete {Deleted(box)}' brings it back");
        }

        if (shown == "seeding")
        {
            Assert.Contains("volume v: its seeding is running or was interrupted", box.Run("doctor").Out, StringComparison.Ordinal);
        }

        if (shown == "seeding" && verb is "rm" or "rm -f" or "rename")
        {
            box.Run("umount", box.Top + "/reader");
        }

        _ = verb switch
        {
            "mount" => box.Mount("v:/data").Ok(),
            "mount without" => box.Shell($"rm store/volumes/v/{flags} && $KVOL mount $R v:/data").Ok(),
            "seed" => box.Run("seed", "v", box.Root + "/data").Ok(),
            "rm -f" => box.Run("rm", "-f", "v").Ok(),
            "prune" => box.Run("prune", "--all", "-y").Ok(),
            "rename" => box.Run("rename", "v", "w").Ok(),
            "clone" => box.Run("clone", "v", "w").Ok(),
            "export" => box.Run("export", "v", "-o", box.Top + "/v.tar").Ok(),
            "import" => box.Shell("tar -cf v.tar -C $R/data . && $KVOL import --into v v.tar").Ok(),
            "create" => box.Run("create", "v").Ok(),
            "undelete" => box.Run("undelete", "v").Ok(),
            // What it is now, 'rm -f' ends.
            "undelete ID" => box.Shell($"id={Deleted(box)}; $KVOL undelete $id && $KVOL rm -f $id").Ok(),
            "gc" => box.Run("gc").Ok(),
            _ => box.Run(verb, "v").Ok(),
        };
        var left = Sys.List(box.Store + "/volumes");
        Assert.DoesNotContain(left, n => n.StartsWith('.'));
        Assert.DoesNotContain(left.SelectMany(v => Sys.List($"{box.Store}/volumes/{v}")), n => n is not ("data" or "volume.json"));
        Assert.DoesNotContain(box.Volumes, v => box.Inspect(v).GetProperty("state").GetString() == "seeding");
        Assert.Empty(box.Run("ls", "--deleted", "-q").Ok().Out);
        var doctor = box.Run("doctor").Out;
        Assert.DoesNotContain("was interrupted", doctor, StringComparison.Ordinal);
        Assert.DoesNotContain("BAD  volume", doctor, StringComparison.Ordinal);
    }

    /// <summary>The other states are those of datasets alone.</summary>
    [Fact]
    public void All_states_are_here() => Assert.Equal(
        VolumeStates.Names.Except([VolumeStates.NameOf(VolumeState.Receiving), VolumeStates.Foreign]),
        Ways.Select(w => w.Data.Item1.Split(' ')[0]).Distinct().Intersect(VolumeStates.Names).Order(Comparer<string>.Create(
            (a, b) => VolumeStates.IndexOf(a) - VolumeStates.IndexOf(b))));

    private static string Deleted(Box box) => Sys.List(box.Store + "/deleted").Single();

    private static void Make(Box box, string state)
    {
        switch (state)
        {
            case "empty":
                box.Run("create", "v").Ok();
                break;
            case "ready":
                box.Mount("v:/data").Ok();
                box.Umount().Ok();
                break;
            case "ready flags":
                box.Mount("v:/data").Ok();
                box.Umount().Ok();
                box.Shell("echo { >store/volumes/v/.top-flags.json").Ok();
                break;
            case "new":
                box.Run("create", "other").Ok();
                box.Shell("mkdir -p store/volumes/.new-v/data").Ok();
                break;
            case "gone":
                box.Run("create", "other").Ok();
                box.Shell("d=store/volumes/.gone-v/data; mkdir -p $d; : >$d/f; chattr +i $d/f").Ok();
                break;
            case "damaged record" or "damaged version" or "damaged content" or "damaged directory" or "damaged file" or "damaged link":
                box.Run("create", "v").Ok();
                box.Shell("cd store/volumes; " + state switch
                {
                    "damaged record" => "echo { >v/volume.json",
                    "damaged version" => "sed -i 's/\"version\": *1/\"version\": 9/' v/volume.json",
                    "damaged content" => "rm -r v/data",
                    "damaged directory" => "rm v/volume.json",
                    "damaged file" => "rm -r v; echo text >v",
                    _ => "mv v elsewhere; ln -s elsewhere v; mv elsewhere $R",
                }).Ok();
                break;
            case "deleted" or "deleted record" or "deleted version":
                box.Run("create", "v").Ok();
                box.Run("rm", "--keep", state == "deleted" ? "0" : "1h", "v").Ok();
                box.Shell("cd store/deleted/*; " + state switch
                {
                    "deleted record" => "rm volume.json",
                    "deleted version" => "sed -i 's/\"version\": *1/\"version\": 9/' volume.json",
                    _ => ":",
                }).Ok();
                break;
            default:
                box.Run("mount", box.Top + "/reader", "v:/data:ro").Ok();
                var (call, which) = state == "seeding before" ? ("syncfs,sync", 1) : Platform.IsFreeBSD ? ("linkat", 2) : ("renameat2", 2);
                Assert.True(Killed.At(box, call, which, "mount", box.Root, "v:/data"));
                if (state == "seeding flags")
                {
                    box.Shell("echo { >store/volumes/v/.seeded/held.json").Ok();
                }

                if (state == "seeding taken")
                {
                    box.Shell("cd store/volumes/v; echo other >data/$(ls .seeded/tree | head -n 1)").Ok();
                    box.Mount("v:/data").Refused(75, "kvol rm -f v");
                }

                break;
        }
    }
}
