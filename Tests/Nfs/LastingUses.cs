using Kvol.Tests.Support;
using Xunit;

namespace Kvol.Tests.Nfs;

/// <summary>What a host says that it uses stays in a shared store as long as it is used, and no longer.</summary>
[Trait("Needs", "Machine")]
public class LastingUses
{
    [Fact]
    public void What_is_mounted_in_a_root_directory_that_was_renamed_stays_recorded()
    {
        using var box = new NfsBox();
        var (a, b) = (box.Host("a"), box.Host("b"));
        a.Mount("db:/srv").Ok();
        a.Shell("mv $R $R.old && mkdir $R && $KVOL mount $R other:/x").Ok();
        a.Mount("db:/srv").Ok();
        a.Umount().Ok();
        a.Kvol("gc").Ok();
        b.Kvol("rm", "db").Refused(75, $"db: is mounted on the host a ({a.Id})");
        a.Shell("$KVOL umount $R.old").Ok();
        b.Kvol("rm", "db", "other").Ok();
    }
}
