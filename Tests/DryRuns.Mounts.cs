using Kvol.Tests.Support;
using Xunit;

namespace Kvol.Tests;

public partial class DryRuns
{
    [Fact]
    [Trait("System", "Linux")]
    public void What_is_mounted_in_the_source_of_a_recursive_mount_is_announced()
    {
        using var box = new Box();
        box.MakeDir("host");
        var inner = box.MakeDir("host/in");
        box.Shell($"mount -t tmpfs t {inner}").Ok();
        Announces(box.Run("mount", "-n", box.Root, $"{box.Top}/host:/h:ro,recursive"),
            [$"mount --rbind {box.Top}/host {box.Root}/h", $"mount -o remount,bind,ro {box.Root}/h/in"]);
    }

    [Fact]
    public void Mounts_are_preceded_by_a_warning_and_quoted_for_a_shell()
    {
        Assert.SkipWhen(Platform.IsFreeBSD, "mount_nullfs(8)");
        using var box = new Box();
        var odd = box.MakeDir("it's a \"$HOME\"\t`x`");
        var lines = box.Mount("-n", $"{odd}:/o d/d:ro,noexec").Ok().Lines;
        Assert.StartsWith("# Do not make or undo these mounts by hand while a jail runs", lines[0]);
        box.Shell(string.Join('\n', lines)).Ok();
        Assert.True(box.MountAt("/o d/d").Has("ro"));
        Assert.True(box.MountAt("/o d/d").Has("noexec"));
        Assert.Equal(["# nothing to do"], box.Umount("-n").Ok().Lines); // kvol did not make that mount
    }

    [Fact]
    public void A_later_mount_is_planned_inside_an_earlier_one()
    {
        Assert.SkipWhen(Platform.IsFreeBSD, "mount(8)");
        using var box = new Box();
        box.MakeDir("root/seeded");
        box.MakeDir("root/seeded/sub");
        box.MakeDir("root/new");
        box.MakeDir("root/new/lost");
        Sys.Symlink("/new", box.Root + "/link");
        var lines = Announced(box, "mount $R a:/seeded b:/seeded/sub c:/new:nocopy d:/link/lost/er e:/new/lost/er/in");
        Assert.DoesNotContain($"mkdir -p {box.Root}/seeded/sub", lines); // it is copied
        Assert.Contains($"mkdir -p {box.Root}/new/lost/er", lines); // the new volume has no such directory
        Assert.Contains($"mkdir -p {box.Root}/new/lost/er/in", lines);
        Announced(box, "umount $R");
    }
}
