using System.IO;
using System.Linq;
using System.Text.Json;
using System.Threading;
using Kvol.Tests.Support;
using Xunit;

namespace Kvol.Tests;

/// <summary>Volumes of Docker and podman become volumes of kvol, without a copy, and what was mounted is mounted again.</summary>
public class ImportsFrom
{
    // Directories as Docker 20.10 makes them, around a database that it wrote.
    private static string Docker(Box box)
    {
        var docker = box.MakeDir("docker");
        box.Shell("mkdir -p docker/volumes/web/_data docker/volumes/db/_data docker/containers/abc").Ok();
        foreach (var name in (string[])["web", "db"])
        {
            File.WriteAllText($"{docker}/volumes/{name}/_data/f", "of " + name);
        }

        Sys.Chown(docker + "/volumes/web/_data", 1001, 1002);
        File.WriteAllBytes(docker + "/volumes/metadata.db", Captured.Bytes(Captured.Docker));
        File.WriteAllText(docker + "/containers/abc/config.v2.json", $$"""
            {"ID":"abc","Name":"/www","MountPoints":{
              "/data":{"Type":"volume","Name":"web","Source":"/x","Destination":"/data","Driver":"local","RW":true},
              "/var/db":{"Type":"volume","Name":"db","Source":"/x","Destination":"/var/db","Driver":"local","RW":false},
              "/b":{"Type":"volume","Name":"bound","Source":"/x","Destination":"/b","Driver":"local","RW":true},
              "/t":{"Type":"tmpfs","Source":"","Destination":"/t","RW":true,"Spec":{"TmpfsOptions":{"SizeBytes":1048576,"Mode":1023} } },
              "/pipe":{"Type":"npipe","Source":"","Destination":"/pipe","RW":true},
              "/h":{"Type":"bind","Source":"{{box.MakeDir("host")}}","Destination":"/h","RW":false} } }
            """);
        File.WriteAllText(docker + "/containers/abc/hostconfig.json", """{"Tmpfs":{"/tmp":"size=64k,noexec"}}""");
        return docker;
    }

    // The database names volumes whose directories are not made here.
    private static Result Run(Box box, params string[] arguments)
    {
        var result = box.Run(["import-from", .. arguments]);
        Assert.True(result.Exit is 0 or 1, result.Err);
        return result;
    }

    [Fact]
    public void What_would_be_taken_is_listed_and_nothing_is_changed()
    {
        using var box = new Box();
        var docker = Docker(box);
        var before = Manifest.Of(docker);
        var listed = Run(box, "docker", docker);
        Assert.Equal(1, listed.Exit);
        Assert.Contains($"volume web from {docker}/volumes/web/_data (tier=front)\n", listed.Out);
        Assert.Contains("mount web:/data in www\n", listed.Out);
        Assert.Contains("mount db:/var/db:ro in www\n", listed.Out);
        Assert.DoesNotContain("bound", listed.Out);
        Assert.Contains("volume bound: left out: it is a mount of /srv", listed.Err);
        Assert.Contains("the mount on /b: left out: its volume bound is not taken", listed.Err);
        Assert.Contains("mount type=tmpfs,destination=/t,size=1M,mode=1777 in www\n", listed.Out);
        Assert.Contains("mount type=tmpfs,destination=/tmp,", listed.Out);
        Assert.Contains("the mount on /pipe: left out: it is of type npipe", listed.Err);
        Assert.Contains("the label Bad.Key", listed.Err);
        before.MustEqual(Manifest.Of(docker));
        Assert.Empty(box.Volumes);
    }

    [Fact]
    public void Volumes_of_Docker_are_taken_and_mounted_as_before()
    {
        using var box = new Box("ext4");
        var docker = Docker(box);
        var inode = Sys.Stat(docker + "/volumes/web/_data/f").Inode;
        var jails = box.MakeDir("jails");
        box.Shell("mkdir -p jails/www/data").Ok();
        var taken = Run(box, "-y", "docker", docker, "--rootdir", jails);
        Assert.Contains("web: created from", taken.Err);
        Assert.Equal(["db", "web"], box.Volumes.Order());
        Assert.Equal(inode, Sys.Stat(box.Data("web") + "/f").Inode);
        Assert.Equal(1001u, Sys.Stat(box.Data("web")).Uid);
        Assert.Equal("front", box.Inspect("web").GetProperty("labels").GetProperty("tier").GetString());
        Assert.False(Sys.Exists(docker + "/volumes/web/_data"));
        File.WriteAllText(box.Top + "/apply.json", taken.Out);
        box.Run("apply", box.Top + "/apply.json").Ok();
        Assert.Equal("of web", File.ReadAllText(jails + "/www/data/f"));
        Assert.Equal("of db", File.ReadAllText(jails + "/www/var/db/f"));
        Assert.True(Sys.Exists(jails + "/www/h"));
        Assert.Equal("tmpfs", MountInfo.At(jails + "/www/t").Single().Type);
        box.Run("diff", box.Top + "/apply.json").Ok();
        box.Run("detach", "www").Ok();

        // The second time nothing is left to take, and the first one's volumes are untouched.
        var again = Run(box, "-y", "docker", docker, "--rootdir", jails);
        Assert.Contains("volume web: left out: ", again.Err);
        Assert.Equal("of web", File.ReadAllText(box.Data("web") + "/f"));
        Assert.Equal(2, JsonDocument.Parse(again.Out).RootElement.GetProperty("roots")[0].GetProperty("mounts").EnumerateArray()
            .Count(m => m.GetProperty("type").GetString() == "volume"));
    }

    [Fact]
    public void A_name_that_is_taken_keeps_the_other_volumes_from_nothing()
    {
        using var box = new Box();
        var docker = Docker(box);
        box.Run("create", "web").Ok();
        var taken = box.Run("import-from", "-y", "docker", docker);
        Assert.Equal(1, taken.Exit);
        Assert.Contains("web: already exists", taken.Err);
        Assert.True(Sys.Exists(docker + "/volumes/web/_data/f"));
        Assert.Equal("of db", File.ReadAllText(box.Data("db") + "/f"));
    }

    [Fact]
    public void A_link_that_the_administrator_names_is_followed_and_one_inside_is_not()
    {
        using var box = new Box();
        var docker = Docker(box);
        box.Shell("ln -s docker link; mv docker/volumes/web elsewhere; ln -s ../../elsewhere docker/volumes/web").Ok();
        var taken = Run(box, "-y", "docker", "./link");
        Assert.Equal(["db"], box.Volumes);
        Assert.Contains($"db: created from {docker}/volumes/db/_data", taken.Err);
        Assert.Contains("web", taken.Err);
        Assert.True(Sys.Exists(box.Top + "/elsewhere/_data/f"));
    }

    [Fact]
    public void A_single_volume_that_is_refused_is_treated_as_one_of_several()
    {
        using var box = new Box();
        box.Shell("mkdir -p podman/volumes/pdb/_data && \"$KVOL\" create pdb").Ok();
        File.WriteAllBytes(box.Top + "/podman/db.sql", Captured.Bytes(Captured.PodmanSqlite));
        var taken = Run(box, "-y", "podman", box.Top + "/podman", "--rootdir", box.Top + "/jails");
        Assert.Equal(1, taken.Exit);
        Assert.Contains("pdb: already exists", taken.Err);
        Assert.Equal("c1", Path.GetFileName(
            JsonDocument.Parse(taken.Out).RootElement.GetProperty("roots")[0].GetProperty("rootdir").GetString()));
    }

    [Fact]
    public void While_Docker_runs_nothing_is_taken()
    {
        using var box = new Box();
        var docker = Docker(box);
        using (var holder = box.StartShell("exec flock -x docker/volumes/metadata.db sh -c 'echo >held; sleep 1000'"))
        {
            while (!Sys.Exists(box.Top + "/held"))
            {
                Assert.False(holder.HasExited);
                Thread.Sleep(10);
            }

            Assert.Contains("volume web", Run(box, "docker", docker).Out);
            box.Run("import-from", "-y", "docker", docker).Refused(75, "Docker has it open", "stop Docker");
            Assert.Empty(box.Volumes);
        }

        Run(box, "-y", "docker", docker);
        Assert.Equal(["db", "web"], box.Volumes.Order());
    }

    [Theory]
    [InlineData(Captured.Podman, "libpod/bolt_state.db")]
    [InlineData(Captured.PodmanSqlite, "db.sql")]
    public void Volumes_of_podman_are_taken_from_either_of_its_databases(string database, string place)
    {
        using var box = new Box();
        var podman = box.MakeDir("podman");
        box.Shell("mkdir -p podman/libpod podman/volumes/pdb/_data podman/volumes/tv/_data").Ok();
        File.WriteAllText(podman + "/volumes/pdb/_data/f", "of pdb");
        File.WriteAllBytes($"{podman}/{place}", Captured.Bytes(database));
        var taken = Run(box, "-y", "podman", podman, "--rootdir", box.Top + "/jails");
        Assert.Equal(["pdb"], box.Volumes);
        Assert.Equal("of pdb", File.ReadAllText(box.Data("pdb") + "/f"));
        Assert.Equal("back", box.Inspect("pdb").GetProperty("labels").GetProperty("tier").GetString());
        Assert.Contains("volume tv: left out: it is a mount of tmpfs", taken.Err);
        var root = JsonDocument.Parse(taken.Out).RootElement.GetProperty("roots")[0];
        Assert.Equal(box.Top + "/jails/c1", root.GetProperty("rootdir").GetString());
        Assert.Equal(["/data", "/h", "/tmp"],
            root.GetProperty("mounts").EnumerateArray().Select(m => m.GetProperty("destination").GetString()));
        Assert.True(root.GetProperty("mounts")[1].GetProperty("read_only").GetBoolean());
    }

    [Fact]
    public void A_database_that_podman_is_changing_is_not_read()
    {
        using var box = new Box();
        box.Shell("mkdir -p podman/volumes").Ok();
        File.WriteAllBytes(box.Top + "/podman/db.sql", Captured.Bytes(Captured.PodmanSqlite));
        File.WriteAllText(box.Top + "/podman/db.sql-wal", "x");
        box.Run("import-from", "podman", box.Top + "/podman").Refused(75, "podman is changing it");
        File.WriteAllText(box.Top + "/podman/db.sql-wal", "");
        Run(box, "podman", box.Top + "/podman");
        File.WriteAllText(box.Top + "/podman/db.sql", "nonsense");
        box.Run("import-from", "podman", box.Top + "/podman").Refused(65, "db.sql", "is damaged");
    }

    [Fact]
    public void The_mounts_of_an_fstab_file_are_attached_as_one()
    {
        using var box = new Box();
        box.MakeDir("root/mnt x");
        var source = box.MakeDir("source");
        File.WriteAllText(source + "/f", "of the host");
        File.WriteAllText(box.Top + "/fstab", $"{source} {box.Root}/mnt\\040x nullfs ro 0 0\nproc {box.Root}/proc procfs rw 0 0\n");
        var read = Run(box, "fstab", box.Top + "/fstab", "--rootdir", box.Root, "--jail", "www");
        Assert.Equal(1, read.Exit);
        Assert.Contains("fstab: line 2: left out: ", read.Err);
        File.WriteAllText(box.Top + "/apply.json", read.Out);
        box.Run("attach", "www", box.Root, "--file", box.Top + "/apply.json").Ok();
        Assert.Equal("of the host", File.ReadAllText(box.Root + "/mnt x/f"));
        box.Run("detach", "www").Ok();
    }

    [Fact]
    public void A_wrong_line_is_refused_by_its_words()
    {
        using var box = new Box();
        box.Run("import-from", "dockr", box.Top).Refused(64, "dockr", "docker, podman or fstab");
        box.Run("import-from", "fstab", "/etc/fstab").Refused(64, "--rootdir");
        box.Run("import-from", "-y", "fstab", "/etc/fstab", "--rootdir", "/").Refused(64, "-y");
        box.Run("import-from", "docker", box.Top, "--jail", "x").Refused(64, "--jail");
        box.Run("import-from", "docker", box.Top + "/none").Refused(66, "none", "does not exist");
        box.Run("import-from", "docker", box.MakeDir("empty")).Refused(66, "empty");
        box.Run("import-from", "podman", box.Top + "/empty").Refused(66, "neither db.sql nor");
        box.Run("import-from", "fstab", box.Top + "/none", "--rootdir", box.Root).Refused(66, "none");
    }
}
