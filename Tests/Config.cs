using System;
using System.IO;
using System.Linq;
using Kvol.Tests.Support;
using Xunit;

namespace Kvol.Tests;

public class Config
{
    [Fact]
    public void An_unknown_key_is_78_and_names_the_line()
    {
        using var box = new Box();
        File.WriteAllText(box.Config, "# comment\n\nroot = /x\nroute = /y\n");
        box.Run("ls").Refused(78, "4", "route");
    }

    [Theory]
    [InlineData("root\n")]
    [InlineData("= /x\n")]
    [InlineData("jobs = many\n")]
    [InlineData("jobs = 0\n")]
    [InlineData("clone = perhaps\n")]
    [InlineData("root = /x\nroot = /y\n")]
    public void A_bad_line_is_78(string text)
    {
        using var box = new Box();
        File.WriteAllText(box.Config, text);
        box.Run("ls").Refused(78, box.Config);
    }

    [Theory]
    [InlineData("jobs = many")]
    [InlineData("jobs = 65")]
    [InlineData("clone = maybe")]
    [InlineData("clone =")]
    [InlineData("trash = 0")]
    [InlineData("trash = -1d")]
    [InlineData("trash = soon")]
    [InlineData("trash = 1000000000d")]
    [InlineData("trash = on")]
    [InlineData("trash =")]
    public void A_bad_value_is_78_and_names_the_line(string line)
    {
        using var box = new Box();
        File.WriteAllText(box.Config, "# comment\n\n" + line + "\n");
        box.Run("ls").Refused(78, "line 3", line.Split(' ')[0]);
    }

    [Theory]
    [InlineData("on")]
    [InlineData("yes")]
    [InlineData("true")]
    [InlineData("off")]
    [InlineData("no")]
    [InlineData("false")]
    public void A_switch_is_taken_in_each_of_its_spellings(string value)
    {
        using var box = new Box();
        File.WriteAllText(box.Config, $"clone = {value}\n");
        box.Run("ls").Ok();
    }

    [Fact]
    public void The_order_is_option_environment_file()
    {
        using var box = new Box();
        File.WriteAllText(box.Config, $"# where\n  root =   {box.Top}/from-file  \njobs = 2\n");
        box.Run("--root", box.Top + "/from-option", "create", "a").Ok();
        box.Run("create", "b").Ok();
        box.Environment.Remove("KVOL_ROOT");
        box.Run("create", "c").Ok();
        Assert.True(Sys.Exists(box.Top + "/from-option/volumes/a"));
        Assert.True(Sys.Exists(box.Store + "/volumes/b"));
        Assert.True(Sys.Exists(box.Top + "/from-file/volumes/c"));
    }

    [Fact]
    public void A_named_file_that_is_missing_is_78_and_an_empty_one_is_fine()
    {
        using var box = new Box();
        box.Run("ls").Ok();
        File.Delete(box.Config);
        box.Run("ls").Refused(78, box.Config);
    }

    [Fact]
    public void Doctor_says_what_this_host_can_do_in_plain_lines()
    {
        using var box = new Box();
        var result = box.Run("doctor");
        Assert.True(result.Lines.Length >= 4, result.Out + result.Err);
        Assert.DoesNotContain("   at ", result.Out + result.Err, StringComparison.Ordinal);
        Assert.False(Sys.Exists(box.Store));
    }

    [Fact]
    public void Help_and_version_succeed()
    {
        using var box = new Box();
        Assert.Contains("mount", box.Run("--help").Ok().Out, StringComparison.Ordinal);
        Assert.Matches(@"\d+\.\d+", box.Run("--version").Ok().Out);
    }
}
