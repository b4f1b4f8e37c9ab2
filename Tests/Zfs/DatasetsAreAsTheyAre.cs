using System;
using System.Linq;
using System.Text.Json;
using Kvol.Tests.Support;
using Xunit;

namespace Kvol.Tests.Zfs;

/// <summary>The administrator does with datasets and pools what he likes; kvol finds them, or says in one line what is in the
/// way.</summary>
[Trait("Needs", "Machine")]
public class DatasetsAreAsTheyAre
{
    [Fact]
    public void The_store_is_found_again_after_export_and_import_and_with_an_altroot()
    {
        using var box = new ZfsBox();
        box.Fill("/srv");
        var before = box.Manifest("$R/srv");
        box.Mount("web:/srv").Ok();
        var id = box.Kvol("init").Ok().Out;
        box.Umount().Ok();
        box.Shell("zpool export $P").Ok();
        box.Kvol("ls").Refused(78, "imported");
        box.Kvol("create", "x").Refused(78, "imported");
        box.Shell("zpool import -d $T -R $T/alt $P").Ok();
        Assert.Equal(id, box.Kvol("init").Ok().Out);
        Assert.Equal(box.Top + $"/alt/{box.Pool}/kvol/volumes/web", box.Inspect("web").GetProperty("mountpoint").GetString());
        box.Kvol("create", "second").Ok();
        box.Shell("test -d $T/alt/$V/second").Ok();
        box.Mount("web:/data").Ok();
        Assert.Equal(before, box.Manifest("$R/data"));
        box.Umount().Ok();
        box.Shell("zpool export $P && zpool import -N -d $T $P").Ok(); // imported, nothing mounted
        Assert.False(box.Inspect("web").GetProperty("mounted").GetBoolean());
        Assert.Equal("ready", box.Inspect("web").GetProperty("state").GetString());
        box.Mount("web:/data").Ok();
        Assert.Equal(before, box.Manifest("$R/data"));
        Assert.Equal("700", box.Shell("stat -c %a /$V").Ok().Out.Trim());
    }

    [Fact]
    public void A_configured_store_that_is_not_there_is_never_made_anew()
    {
        using var box = new ZfsBox();
        box.Shell("unset KVOL_ROOT; $KVOL init $S --default && $KVOL create web && zfs destroy -r $S").Ok();
        foreach (var verb in (string[])["ls", "create x", "mount $R x:/x"])
        {
            box.Shell($"unset KVOL_ROOT; $KVOL {verb}").Refused(78, "is not there");
        }

        box.Shell("zfs create $S && zfs create $S/volumes").Ok();
        box.Shell("unset KVOL_ROOT; $KVOL ls").Refused(78, "the configuration names store");
    }

    [Fact]
    public void A_store_is_made_only_where_nothing_else_is()
    {
        using var box = new ZfsBox(init: false);
        Assert.Empty(box.Kvol("ls").Ok().Out.Trim().Split('\n').Skip(1));
        Assert.NotEqual(0, box.Shell("zfs list $S").Exit);
        box.Shell("zfs create $S && echo x >/$S/file").Ok();
        box.Kvol("create", "x").Refused(78, "not empty");
        box.Shell("rm /$S/file && zfs create $S/other").Ok();
        box.Kvol("init").Refused(78, "not empty");
        box.Shell("zfs destroy $S/other").Ok();
        Assert.Matches("^[0-9a-f]{16}\n$", box.Kvol("init").Ok().Out);
        box.Shell("$KVOL --root $P/a/b create x").Refused(78, "parent dataset");
        box.Shell("$KVOL --root nopool/kvol ls").Refused(78, "nopool");
        box.Shell("$KVOL --root '1bad/x' ls").Refused(64, "not the name");
        box.Shell("zfs set mountpoint=none $P && $KVOL --root $P/elsewhere create x && ls -d /$P/elsewhere/volumes/x").Ok();
    }

    [Fact]
    public void A_volume_renamed_by_hand_keeps_all_it_has()
    {
        using var box = new ZfsBox();
        box.Fill("/srv");
        box.Mount("web:/srv").Ok();
        box.Umount().Ok();
        box.Shell("zfs rename $V/web $V/www").Ok();
        Assert.Equal("www\n", box.Kvol("ls", "-q").Ok().Out);
        box.Mount("www:/data").Ok();
        box.Shell("cat $R/data/file1").Ok();
        Assert.Equal("ready", box.Inspect("www").GetProperty("state").GetString());
    }

    [Fact]
    public void What_is_no_volume_is_listed_as_foreign_and_left_alone()
    {
        using var box = new ZfsBox();
        box.Shell("zfs create -V 8M $V/zvol && zfs create \"$V/with space\" && zfs create $V/a:b && $KVOL create web").Ok();
        var rows = box.Kvol("ls", "-H").Ok().Lines.Select(l => l.Split('\t')).ToDictionary(f => f[0], f => f[1]);
        Assert.Equal("empty", rows["web"]);
        Assert.Equal(["foreign", "foreign", "foreign"], [rows["zvol"], rows["with space"], rows["a:b"]]);
        box.Mount("zvol:/x").Refused(65, "leaves it alone");
        box.Kvol("rm", "zvol").Refused(65, "leaves it alone");
        Assert.Equal(["web"], box.Kvol("prune", "-y", "--all").Ok().Lines);
        Assert.Equal(3, box.Shell("zfs list -H -o name -r -t all $V | tail -n +2 | wc -l").Ok().Out.Trim()[0] - '0');
    }

    [Fact]
    public void A_store_made_by_Kleene_works_as_it_is()
    {
        using var box = new ZfsBox(store: "kleene", init: false);
        box.Shell("zfs create $S && zfs create $S/image && zfs create $S/volumes && zfs create $S/volumes/my-vol && echo data "
            + ">/$V/my-vol/file && zfs get -H -s local,received,inherited all $V $V/my-vol >$T/before").Ok();
        Assert.Equal("my-vol\n", box.Kvol("ls", "-q").Ok().Out);
        var volume = box.Inspect("my-vol");
        Assert.Equal($"{box.Pool}/kleene/volumes/my-vol", volume.GetProperty("dataset").GetString());
        Assert.Equal("ready", volume.GetProperty("state").GetString());
        Assert.Equal("755", box.Shell("stat -c %a /$V").Ok().Out.Trim()); // reported by doctor, not changed
        Assert.Contains("0755", box.Kvol("doctor").Out);
        box.Mount("my-vol:/data").Ok();
        Assert.Equal("data\n", box.Shell("cat $R/data/file").Ok().Out);
        Assert.Equal("", box.Shell("zfs get -H -s local,received,inherited all $V $V/my-vol | diff $T/before -").Out);
    }

    [Fact]
    public void A_dataset_that_is_not_mounted_is_mounted_or_refused_and_never_taken_for_empty()
    {
        using var box = new ZfsBox();
        box.Fill("/srv", 5);
        box.Shell("$KVOL create web && echo mine >/$V/web/mine && zfs umount $V/web").Ok();
        box.Mount("web:/srv").Ok();
        Assert.Equal("mine\n", box.Shell("cat $R/srv/mine").Ok().Out);
        box.Shell("$KVOL umount $R && zfs umount $V/web && zfs set canmount=off $V/web").Ok();
        box.Mount("web:/srv").Refused(69, "canmount");
        box.Kvol("seed", "web", box.Top + "/root/srv").Refused(69, "canmount");
        box.Shell("zfs set canmount=noauto $V/web").Ok();
        box.Mount("web:/srv").Ok();
        Assert.Equal("mine\n", box.Shell("cat $R/srv/mine").Ok().Out);
        box.Shell("$KVOL umount $R && zfs umount $V/web && zfs set mountpoint=legacy $V/web").Ok();
        box.Mount("web:/srv").Refused(69, "mountpoint");
        box.Shell("zfs set mountpoint=$T/own/place $V/web && zfs umount $V/web; rm -rf $T/own").Ok();
        box.Mount("web:/srv").Ok();
        Assert.Equal("mine\n", box.Shell("cat $R/srv/mine && test -f $T/own/place/mine").Ok().Out);
        Assert.Equal(box.Top + "/own/place", box.Inspect("web").GetProperty("mountpoint").GetString());
    }

    [Fact]
    public void An_encrypted_dataset_without_its_key_is_refused_and_nothing_is_written_below_it()
    {
        using var box = new ZfsBox();
        box.Fill("/srv", 5);
        box.Shell(
            "echo password | zfs create -o encryption=on -o keyformat=passphrase $V/secret && echo mine >/$V/secret/mine && zfs umount "
                + "$V/secret && zfs unload-key $V/secret").Ok();
        box.Mount("secret:/srv").Refused(69, "key is not loaded", "kvol load-key secret");
        Assert.Equal("ready", box.Inspect("secret").GetProperty("state").GetString());
        Assert.Equal("", box.Shell("ls -A /$V/secret 2>/dev/null || true").Ok().Out);

        // Nor is anything said to be undone in it.
        var gc = box.Shell("zfs set kvol:seeding='{}' $V/secret && $KVOL gc").Ok();
        Assert.Equal("", gc.Out);
        Assert.Contains("key is not loaded", gc.Err);
        box.Shell("zfs inherit kvol:seeding $V/secret").Ok();
        box.Shell("echo password | zfs load-key $V/secret").Ok();
        box.Mount("secret:/srv").Ok();
        Assert.Equal("mine\n", box.Shell("cat $R/srv/mine").Ok().Out);
        box.Umount().Ok();
        box.Shell("zfs umount $V/secret && zfs unload-key $V/secret").Ok();
        box.Kvol("rm", "secret").Ok();
    }
}
