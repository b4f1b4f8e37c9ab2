using System;
using System.IO;
using System.Linq;
using System.Runtime.CompilerServices;
using Kvol.Tests.Support;
using Xunit;

namespace Kvol.Tests.Trees;

/// <summary>One odd file is named and the rest is copied; a disk that is full or broken ends the whole, and nothing of it is
/// left.</summary>
[Trait("System", "Linux")]
public class OddFiles
{
    [Fact]
    public void A_full_disk_never_makes_a_volume_without_attributes()
    {
        using var box = new Box();
        var disk = box.MakeDir("disk");
        Tool.Run("truncate", "-s", "16M", disk + ".img");
        Tool.Run("mkfs.ext4", "-q", "-F", "-b", "1024", "-N", "2000", "-m", "0", disk + ".img");
        Tool.Run("mount", "-o", "loop", disk + ".img", disk);
        try
        {
            box.Environment["KVOL_ROOT"] = disk + "/store";
            var source = box.MakeDir("root/srv");
            for (var i = 0; i < 60; i++)
            {
                var file = box.MakeFile($"root/srv/f{i}", "");
                Tool.Run("setfattr", "-n", "user.important", "-v", string.Concat(Enumerable.Repeat($"{i:d3}", 250)), file);
            }

            box.Run("create", "v").Ok();
            Tool.Run("sh", "-c", $"head -c 20000000 /dev/zero > {disk}/fill 2>/dev/null; truncate -s -40K {disk}/fill");
            var result = box.Mount("v:/srv");
            Assert.Equal(73, result.Exit);
            Assert.Equal("empty", box.Inspect("v").GetProperty("state").GetString());
            Assert.Empty(Directory.GetFileSystemEntries(disk + "/store/volumes/v/data"));
        }
        finally
        {
            Tool.Run("umount", disk);
        }
    }

    [Fact]
    public void More_names_of_attributes_than_the_kernel_lists_are_named()
    {
        using var box = new Box();
        var source = box.MakeDir("root/srv");
        var odd = box.MakeFile("root/srv/odd");
        box.MakeFile("root/srv/good");
        Tool.Run("python3", "-c", "import os,sys\nfor i in range(4000): os.setxattr(sys.argv[1], 'trusted.a%0100d' % i, b'x')", odd);
        var result = box.Mount("v:/srv").Ok();
        Assert.Contains("odd: extended attributes: ", result.Err, StringComparison.Ordinal);
        Assert.Equal(["good", "odd"], Directory.GetFiles(box.Data("v")).Select(Path.GetFileName).Order());
    }

    [Fact]
    public void Each_odd_file_is_named_and_the_rest_is_copied()
    {
        using var box = new Box();
        using var source = new OddDirectory(box);
        box.Run("create", "v").Ok();
        var result = box.Run("seed", "v", source.Path).Ok();
        foreach (var line in (string[])
            ["attribute: extended attribute user.gone: ", "device: changed its type", "liar: cannot be read to its end",
                "twice: another entry of this directory has the same name",
                "vanished: vanished"])
        {
            Assert.Contains(line, result.Err, StringComparison.Ordinal);
        }

        Assert.Equal(["attribute", "good", "interrupted", "liar", "twice"],
            Directory.GetFiles(box.Data("v")).Select(Path.GetFileName).Order());
        Assert.Equal("hello", File.ReadAllText(box.Data("v") + "/interrupted"));
        Assert.Contains("user.kept", Tool.Run("getfattr", box.Data("v") + "/attribute"), StringComparison.Ordinal);
        var seed = box.Inspect("v").GetProperty("seed");
        Assert.Equal(5, seed.GetProperty("not_kept_count").GetInt32());
    }

    [Fact]
    public void A_broken_disk_leaves_the_volume_empty()
    {
        using var box = new Box();
        using var source = new OddDirectory(box, ["broken"]);
        box.Run("create", "v").Ok();
        box.Run("seed", "v", source.Path).Refused(71, $"fails at {source.Path}/good (Input/output error)", "dmesg");
        Assert.Equal("empty", box.Inspect("v").GetProperty("state").GetString());
        Assert.Empty(Directory.GetFileSystemEntries(box.Data("v")));
    }

    [Fact]
    public void Without_its_ACL_a_file_gives_its_group_no_more_than_before()
    {
        using var box = new Box();
        var ram = box.MakeDir("ram");
        Tool.Run("mount", "-t", "ramfs", "ramfs", ram);
        try
        {
            box.Environment["KVOL_ROOT"] = ram + "/store";
            var source = box.MakeDir("root/srv");
            var file = box.MakeFile("root/srv/f");
            Tool.Run("setfacl", "-m", "u::rw,g::r,m::rw,u:1001:rw,o::-", file);
            var archive = box.Top + "/a.tar";
            var copied = box.Mount("v:/srv").Ok();
            Assert.Contains("f: POSIX.1e ACL: this file system has no ACLs", copied.Err, StringComparison.Ordinal);
            Assert.Equal(0b110_100_000u, (uint)Sys.Stat(ram + "/store/volumes/v/data/f").Mode);

            // The same by an archive.
            box.Umount().Ok();
            box.Environment["KVOL_ROOT"] = box.Store;
            box.Mount("w:/srv").Ok();
            box.Run("export", "w", "-o", archive).Ok();
            box.Environment["KVOL_ROOT"] = ram + "/store";
            var imported = box.Run("import", "x", archive).Ok();
            Assert.Contains("f: POSIX.1e ACL: this file system has no ACLs", imported.Err, StringComparison.Ordinal);
            Assert.Equal(0b110_100_000u, (uint)Sys.Stat(ram + "/store/volumes/x/data/f").Mode);
        }
        finally
        {
            box.Umount();
            Tool.Run("umount", ram);
        }
    }

    [Fact]
    public void What_a_jail_puts_into_its_files_does_not_make_a_record_large()
    {
        using var box = new Box();
        var ram = box.MakeDir("ram");
        Tool.Run("mount", "-t", "ramfs", "ramfs", ram);
        try
        {
            box.Environment["KVOL_ROOT"] = ram + "/store";
            var source = box.MakeDir("root/srv");
            Tool.Run(
                "python3", "-c",
                "import os,sys\nfor i in range(3000):\n p=sys.argv[1]+'/'+'x'*200+str(i)\n open(p,'w').close()\n "
                    + "os.setxattr(p,'trusted.a',b'1')", source);
            var result = box.Mount("v:/srv").Ok();
            Assert.Contains("2980 more were not kept", result.Err, StringComparison.Ordinal);
            Assert.True(new FileInfo(ram + "/store/volumes/v/volume.json").Length < 32 * 1024);
            var seed = box.Inspect("v").GetProperty("seed");
            Assert.Equal(3000, seed.GetProperty("not_kept_count").GetInt32());
            Assert.InRange(seed.GetProperty("not_kept").GetArrayLength(), 10, 100);
        }
        finally
        {
            box.Umount();
            Tool.Run("umount", ram);
        }
    }

    [Fact]
    public void A_default_ACL_is_never_alone_in_an_archive()
    {
        using var box = new Box();
        var source = box.MakeDir("root/srv");
        var directory = box.MakeDir("root/srv/d");
        Tool.Run("setfacl", "-d", "-m", "u:1001:rx", directory);
        box.Mount("v:/srv").Ok();
        box.Run("export", "v", "-o", box.Top + "/a.tar").Ok();
        Assert.Contains("SCHILY.acl.access=user::rwx,group::r-x,other::r-x",
            File.ReadAllText(box.Top + "/a.tar", System.Text.Encoding.Latin1), StringComparison.Ordinal);
    }

    /// <summary>The odd file system, mounted in a box.</summary>
    private sealed class OddDirectory : IDisposable
    {
        public string Path { get; }

        public OddDirectory(Box box, string[]? mode = null, [CallerFilePath] string here = "")
        {
            Path = box.MakeDir("root/srv");
            var program = box.Top + "/oddfs";
            Tool.Run("sh", "-c",
                $"cc -O1 -o {program} {System.IO.Path.GetDirectoryName(here)}/../Support/oddfs.c $(pkg-config --cflags --libs fuse3)");
            Tool.Run(program, [Path, "-o", "dev,attr_timeout=0,entry_timeout=0", .. mode ?? []]);
        }

        public void Dispose() => Tool.Run("umount", "-l", Path);
    }
}
