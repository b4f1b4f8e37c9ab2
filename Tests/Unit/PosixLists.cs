using System.Linq;
using Kvol.Native;
using Xunit;

namespace Kvol.Tests.Unit;

/// <summary>Access control lists of POSIX.1e as text, acl(5).</summary>
public class PosixLists
{
    [Theory]
    [InlineData("user::rw-,user:33:r--,group::r--,mask::r--,other::---", "user::rw-,user:33:r--,group::r--,mask::r--,other::---")]
    [InlineData("u::rwx\ng::r-x\no:r-x", "user::rwx,group::r-x,other::r-x")]
    [InlineData("other::x,user::r,group::w", "user::r--,group::-w-,other::--x")]
    [InlineData("user:www:rw-:80", "user:80:rw-")]
    [InlineData("group:33:rwx:1001", "group:1001:rwx")]
    [InlineData("mask:r--\nother:---", "mask::r--,other::---")]
    [InlineData("user:9:r--,user:2:r--,user::rwx", "user::rwx,user:2:r--,user:9:r--")]
    [InlineData("# a comment\nuser::rw- # effective: r--\n\n", "user::rw-")]
    [InlineData("user:4294967295:r--", "user:4294967295:r--")]
    [InlineData("", "")]
    public void Every_form_that_a_tar_writes_is_read(string text, string list)
    {
        Assert.Equal(list, PosixAcl.ToText(PosixAcl.Parse(text)!));
    }

    [Theory]
    [InlineData("user")]
    [InlineData("user:")]
    [InlineData("user::q")]
    [InlineData("owner@:rwx")]
    [InlineData("default:user::rwx")]
    [InlineData("mask")]
    [InlineData("everyone::rwx")]
    [InlineData("user::rw-,nonsense")]
    public void What_is_not_a_list_is_refused_whole(string text) => Assert.Null(PosixAcl.Parse(text));

    [Fact]
    public void The_list_of_a_mode_says_what_the_mode_says()
    {
        Assert.Equal("user::rwx,group::r-x,other::-w-", PosixAcl.ToText(PosixAcl.Of(Mode("752"))));
    }

    [Theory]
    [InlineData("770", "group::r--,mask::rwx", "740")]
    [InlineData("770", "group::rwx,mask::r-x", "750")]
    [InlineData("770", "group::---,mask::rwx", "700")]
    [InlineData("4751", "group::r-x", "4751")]
    [InlineData("640", "", "640")]
    public void Without_its_list_a_file_gives_its_group_no_more_than_group_and_mask_do(string mode, string list, string without)
    {
        Assert.Equal(Mode(without), PosixAcl.ModeWithout(Mode(mode), PosixAcl.Parse(list)!));
    }

    private static uint Mode(string octal) => System.Convert.ToUInt32(octal, 8);
}
