using Kvol.Native;
using Xunit;

namespace Kvol.Tests.Unit;

/// <summary>The meaning of an errno decides whether a command retries, skips something, or fails.</summary>
public class FailedCalls
{
    [Fact]
    public void Numbers_of_one_meaning_are_one_failure()
    {
        Assert.Equal(Failure.NotPermitted, Errno.Meaning(Errno.EPERM));
        Assert.Equal(Failure.NotPermitted, Errno.Meaning(Errno.EACCES));
        Assert.Equal(Failure.NoSpace, Errno.Meaning(Errno.ENOSPC));
        Assert.Equal(Failure.NoSpace, Errno.Meaning(Errno.EDQUOT));
        Assert.Equal(Failure.TooManyFiles, Errno.Meaning(Errno.EMFILE));
        Assert.Equal(Failure.TooManyFiles, Errno.Meaning(Errno.ENFILE));
        Assert.Equal(Failure.WouldBlock, Errno.Meaning(Errno.EAGAIN));
        Assert.Equal(Failure.Loop, Errno.Meaning(Errno.ELOOP));
        Assert.Equal(Failure.Stale, Errno.Meaning(Errno.ESTALE));
        Assert.Equal(Failure.Other, Errno.Meaning(9999));
    }

    [Fact]
    public void A_copy_goes_on_without_what_a_file_system_cannot_hold()
    {
        Assert.All([Errno.EOPNOTSUPP, Errno.EPERM, Errno.EINVAL, Errno.ERANGE, Errno.E2BIG, Errno.ENAMETOOLONG, Errno.EMLINK, Errno.EILSEQ,
            Errno.ENOTTY], errno => Assert.True(Errno.CannotHold(errno), $"{errno}"));
    }

    [Fact]
    public void A_full_or_broken_disk_ends_the_copy()
    {
        Assert.All([Errno.ENOSPC, Errno.EDQUOT, Errno.EROFS, Errno.ENOENT, Errno.EACCES, Errno.EBUSY, Errno.EINTR, Errno.EAGAIN,
            Errno.ENOMEM], errno => Assert.False(Errno.CannotHold(errno), $"{errno}"));
    }
}
