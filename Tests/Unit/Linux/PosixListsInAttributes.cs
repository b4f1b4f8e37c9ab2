using System;
using System.Linq;
using Kvol.Native;
using Xunit;

namespace Kvol.Tests.Unit;

/// <summary>Access control lists as Linux keeps them, in extended attributes: linux/posix_acl_xattr.h.</summary>
[Trait("System", "Linux")]
public class PosixListsInAttributes
{
    // What setfacl -m u:33:r,g:1001:rw gave a file of mode 0640 on ext4.
    private const string Captured =
        "0200000001000600ffffffff020004002100000004000400ffffffff08000600e903000010000600ffffffff20000000ffffffff";

    [Fact]
    public void A_value_of_the_kernel_is_read()
    {
        var entries = Acls.AccessEntries(CName.Of("system.posix_acl_access\0"u8), Convert.FromHexString(Captured));
        Assert.Equal("user::rw-,user:33:r--,group::r--,group:1001:rw-,mask::rw-,other::---", PosixAcl.ToText(entries!));
    }

    [Fact]
    public void A_value_that_is_cut_off_has_the_entries_before_the_cut()
    {
        foreach (var length in Enumerable.Range(0, Captured.Length / 2))
        {
            var entries = Acls.AccessEntries(CName.Of("system.posix_acl_access\0"u8), Convert.FromHexString(Captured).AsSpan(0, length));
            Assert.Equal(Math.Max(0, (length - 4) / 8), entries!.Count);
        }
    }

    [Fact]
    public void Other_attributes_are_no_access_list()
    {
        Assert.Null(Acls.AccessEntries(CName.Of("system.posix_acl_default\0"u8), Convert.FromHexString(Captured)));
        Assert.Null(Acls.AccessEntries(CName.Of("user.x\0"u8), []));
    }

    [Theory]
    [InlineData("system.posix_acl_access", true)]
    [InlineData("system.posix_acl_default", true)]
    [InlineData("trusted.SGI_ACL_FILE", true)]
    [InlineData("user.posix_acl_access", false)]
    [InlineData("security.selinux", false)]
    public void Attributes_that_are_lists_are_not_copied_as_attributes(string name, bool carries)
    {
        Assert.Equal(carries, Acls.Carries(new ByteString(name)));
    }
}
