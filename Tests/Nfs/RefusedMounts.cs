using Kvol.Tests.Support;
using Xunit;

namespace Kvol.Tests.Nfs;

/// <summary>Mounts, exports and hosts that kvol refuses, because a store there would not be safe.</summary>
[Trait("Needs", "Machine")]
public class RefusedMounts
{
    [Theory]
    [InlineData("vers=3,nolock", "nolock", "the option lock in place of nolock")]
    [InlineData("vers=3,local_lock=flock", "local_lock=flock", "the option local_lock=none")]
    [InlineData("vers=3,local_lock=all", "local_lock=all", "the option local_lock=none")]
    public void A_store_whose_locks_hold_on_one_host_only_is_refused(string options, string found, string remedy)
    {
        using var box = new NfsBox();
        var a = box.Host("a", options);
        var refused = a.Kvol("create", "web");
        Assert.Equal(69, refused.Exit);
        Assert.Contains($"with the option {found}, so that locks do not hold between hosts; mount it with {remedy}", refused.Err);
        Assert.Equal(69, a.Kvol("doctor").Exit);
        Assert.Equal("", a.Shell("ls -A $S").Out);
    }

    [Theory]
    [InlineData("vers=4.2,nocto")]
    [InlineData("vers=3,nocto")]
    public void A_store_in_which_a_host_need_not_see_what_others_record_is_refused(string options)
    {
        using var box = new NfsBox();
        var a = box.Host("a", options);
        a.Kvol("create", "web").Refused(69, "with the option nocto, so that this host need not see what other hosts record; mount it with "
            + "the option cto in place of nocto");
        Assert.Equal("", a.Shell("ls -A $S").Out);
    }

    [Fact]
    public void Locks_of_posix_kept_local_do_no_harm()
    {
        using var box = new NfsBox();
        var a = box.Host("a", "vers=3,local_lock=posix");
        a.Kvol("create", "web").Ok();
    }

    [Theory]
    [InlineData("0")]
    [InlineData("65534")]
    public void An_export_that_makes_root_another_user_is_refused_with_the_option_to_set(string owner)
    {
        using var box = new NfsBox("rw,root_squash,no_subtree_check", owner);
        var a = box.Host("a");
        var refused = a.Kvol("create", "web");
        Assert.Equal(77, refused.Exit);
        Assert.Contains("no_root_squash", refused.Err);
    }

    [Fact]
    public void A_host_without_an_id_is_told_how_to_make_one()
    {
        using var box = new NfsBox();
        var a = box.Host("a", id: "uninitialized/../x");
        var refused = a.Kvol("create", "web");
        Assert.Equal(78, refused.Exit);
        Assert.Contains("systemd-machine-id-setup", refused.Err);
    }
}
