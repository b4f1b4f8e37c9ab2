using Kvol.Native;
using Xunit;

namespace Kvol.Tests.Unit;

/// <summary>Access control lists as the text of acl_to_text_np(3) and of archives.</summary>
public class ListsAsText
{
    [Theory]
    [InlineData("user::rw-\nuser:33:r--\t\t# effective: r--\ngroup::r--\nmask::r--\nother::---\n",
        "user::rw-,user:33:r--,group::r--,mask::r--,other::---")]
    [InlineData("            owner@:rw-p--aARWcCos:-------:allow\n            group@:r-----a-R-c--s:-------:allow\n         everyone@:"
        + "r-----a-R-c--s:fd----I:allow\n",
        "owner@:rw-p--aARWcCos:-------:allow,group@:r-----a-R-c--s:-------:allow,everyone@:r-----a-R-c--s:fd----I:allow")]
    [InlineData("", "")]
    public void What_the_library_writes_is_one_line(string text, string line) => Assert.Equal(line, Acls.OnOneLine(text));

    [Theory]
    [InlineData("owner@:rw-p--aARWcCos:-------:allow,everyone@:r-----a-R-c--s:-------:allow",
        "owner@:rw-p--aARWcCos:-------:allow\neveryone@:r-----a-R-c--s:-------:allow")]
    [InlineData("user:1001:rwxp--aARWcCos:fd-----:deny", "user:1001:rwxp--aARWcCos:fd-----:deny")]
    [InlineData("user:www:r-----a-R-c---:-------:allow:80", "user:80:r-----a-R-c---:-------:allow")]
    [InlineData("group:wheel:r-----a-R-c---:-------:allow:0", "group:0:r-----a-R-c---:-------:allow")]
    public void A_list_of_NFSv4_names_users_by_number(string archive, string text)
    {
        Assert.Equal(text, Acls.ForLibrary(AclKind.Nfs4, archive));
    }

    [Theory]
    [InlineData("user:www:rw-:80,user::rwx", "user::rwx,user:80:rw-")]
    [InlineData("mask:r--", "mask::r--")]
    [InlineData("owner@:rwx::allow", null)]
    public void A_list_of_POSIX_is_written_anew(string archive, string? text) =>
        Assert.Equal(text, Acls.ForLibrary(AclKind.Access, archive));
}
