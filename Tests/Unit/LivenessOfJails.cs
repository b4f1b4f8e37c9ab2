using System;
using System.Collections.Generic;
using System.Linq;
using Kvol.Native;
using Kvol.Storage.Mounts;
using Xunit;

namespace Kvol.Tests.Unit;

/// <summary>When an attachment is dead, on a system that knows its jails and on one that does not.</summary>
public class LivenessOfJails
{
    private const long Uptime = 100_000_000;
    private static readonly ProcessIdentity Starter = new(100, 5);

    [Fact]
    public void A_jail_that_is_starting_is_never_dead_however_long_its_starter_takes()
    {
        Assert.False(Dead(Attached(minutes: 0), starterLives: false));
        Assert.False(Dead(Attached(minutes: 9), starterLives: false));
        Assert.False(Dead(Attached(minutes: 600), starterLives: true));
    }

    [Fact]
    public void One_that_was_never_seen_is_dead_when_its_starter_is_gone_and_ten_minutes_are_over()
    {
        Assert.True(Dead(Attached(minutes: 11), starterLives: false));
        Assert.True(Dead(Attached(minutes: 11) with { Starter = null }, starterLives: true));
        Assert.False(Dead(Attached(minutes: 11) with { Starter = Starter with { Start = 4 } } with { Uptime = Uptime },
            starterLives: true));
        // its number is another's now
        Assert.True(Dead(Attached(minutes: 11) with { Starter = Starter with { Start = 4 } }, starterLives: true));
    }

    [Fact]
    public void One_that_was_seen_is_dead_as_soon_as_it_is_gone()
    {
        Assert.True(Dead(Attached(minutes: 0) with { JailId = 7 }, starterLives: true));
        Assert.True(Dead(Attached(minutes: 0) with { JailId = 7 }, starterLives: true, new Jail(8, "www", new ByteString("/jails/other"))));
    }

    [Fact]
    public void One_that_runs_is_alive_by_its_number_its_name_or_its_root_directory()
    {
        var seen = Attached(minutes: 600) with { JailId = 7 };
        Assert.False(Dead(seen, false, new Jail(7, "www", new ByteString("/jails/www"))));
        Assert.False(Dead(seen, false, new Jail(7, "www", new ByteString("/renamed"))));
        Assert.False(Dead(seen, false, new Jail(9, "renamed", new ByteString("/jails/www"))));
        Assert.False(Dead(seen with { JailId = null }, false, new Jail(9, "www", new ByteString("/elsewhere"))));
    }

    [Fact]
    public void A_jail_is_seen_by_its_name_and_its_root_directory()
    {
        var attachment = Attached(minutes: 0);
        Assert.Equal(7, Over(true, new Jail(6, "db", new ByteString("/jails/www")), new Jail(7, "www", new ByteString("/jails/www")))
            .Seen(attachment, "/jails/www").JailId);
        Assert.Null(Over(true, new Jail(7, "www", new ByteString("/elsewhere"))).Seen(attachment, "/jails/www").JailId);
        Assert.Same(attachment, Over(true).Seen(attachment, "/jails/www"));
    }

    [Theory]
    [InlineData("/jails/www", true)]
    [InlineData("/jails", true)]
    [InlineData("/jails/www/inner", true)]
    [InlineData("/jails/www2", false)]
    [InlineData("/", false)]
    public void A_jail_reaches_what_lies_in_its_root_directory_and_around_it(string jail, bool reaches)
    {
        Assert.Equal(reaches, Over(true, new Jail(7, "j", new ByteString(jail))).CanReach(new ByteString("/jails/www")));
    }

    [Fact]
    public void A_process_that_was_named_decides()
    {
        var attachment = Attached(minutes: 600) with { Process = new ProcessIdentity(200, 9) };
        Assert.False(Dead(attachment, starterLives: false));
        Assert.True(Dead(attachment with { Process = new ProcessIdentity(200, 8) }, starterLives: true));
        Assert.True(Dead(attachment with { Process = new ProcessIdentity(201, 9) }, starterLives: true));
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, true)]
    public void Where_a_jail_is_only_a_label_it_is_dead_when_its_root_directory_is_gone(bool gone, bool dead)
    {
        var liveness = new Liveness(jailsAreKnown: false, [], _ => null, Uptime);
        Assert.Equal(dead, liveness.IsDead(Attached(minutes: 600) with { JailId = 7 }, "/jails/www", gone));
    }

    private static Attachment Attached(int minutes) =>
        new("www", DateTimeOffset.UnixEpoch, Uptime - (minutes * 60_000L), Starter, null, null, ["v:/data"]);

    private static bool Dead(Attachment attachment, bool starterLives, params Jail[] jails) =>
        Over(starterLives, jails).IsDead(attachment, "/jails/www", rootIsGone: false);

    private static Liveness Over(bool starterLives, params Jail[] jails) =>
        new(jailsAreKnown: true, jails, pid => pid == 100 && starterLives ? 5 : pid == 200 ? 9 : null, Uptime);
}
