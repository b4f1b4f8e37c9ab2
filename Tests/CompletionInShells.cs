using System;
using System.IO;
using System.Linq;
using Kvol.Tests.Port;
using Kvol.Tests.Support;
using Xunit;

namespace Kvol.Tests;

/// <summary>The scripts of <c>kvol completion</c> in the shells that they are for.</summary>
public sealed class CompletionInShells : IDisposable
{
    private readonly Box box = Completion.Filled();

    public CompletionInShells()
    {
        var bin = box.MakeDir("bin");
        File.CreateSymbolicLink(bin + "/kvol", Path.GetFullPath(Box.Binary));
        File.WriteAllText(bin + "/show", "#!/bin/sh\nfor w; do printf '<%s>' \"$w\"; done; echo\n");
        Tool.Run("chmod", "755", bin + "/show");
        box.Environment["PATH"] = $"{bin}:{Environment.GetEnvironmentVariable("PATH")}";
        box.Environment["HOME"] = box.MakeDir("home");
        box.Environment["LC_ALL"] = "C.UTF-8";
        box.MakeFile("file");
    }

    public void Dispose() => box.Dispose();

    // A line and the words that it becomes, by the shells that can do that.
    private static readonly (string Shells, string[] Lines)[] Cases =
    [
        (
            "bash fish tcsh zsh",
            [
                @"kvol undel\t", "<undelete>",
                @"kvol ls --del\t", "<ls><--deleted>",
                @"kvol exists d\t", "<exists><db>",
                @"kvol rm -- d\t", "<rm><--><db>",
                @"kvol undelete \t", "<undelete><gone>",
                @"kvol detach w\t", "<detach><www>",
                @"kvol ls -o name,quo\t", "<ls><-o><name,quota>",
                @"kvol ls --filter=state=emp\t", "<ls><--filter=state=empty>",
                @"kvol mount R web:/x:noex\t", "<mount><R><web:/x:noexec>",
                @"kvol seed db TOP/bi\t", "<seed><db><TOP/bin/>",
            ]),
        (
            "bash fish zsh",
            [
                @"kvol mount R d\t/x", "<mount><R><db:/x>",
                @"kvol mount R type=volume,sou\td\t", "<mount><R><type=volume,source=db>",
                @"kvol create -o recor\t16K", "<create><-o><recordsize=16K>",
                @"kvol export web --output=TOP/fil\t", "<export><web><--output=TOP/file>",
                @"kvol detach o\t", "<detach><o'neil>",
                @"kvol umount TOP/it\t", "<umount><TOP/it's a root>",
                @"kvol umount TOP/it\'s\ a\ root /\t", "<umount><TOP/it's a root></it's here>",
                @"kvol umount ""TOP/it's a root"" /\t", "<umount><TOP/it's a root></it's here>",
                @"kvol umount 'TOP/it'\''s a root' /\t", "<umount><TOP/it's a root></it's here>",
                @"kvol umount TOP/root /srv/a\t", "<umount><TOP/root></srv/a b>",
                @"kvol umount TOP/root '/srv/a\t", "<umount><TOP/root></srv/a b>",
                @"kvol umount TOP/root ""/srv/a\t", "<umount><TOP/root></srv/a b>",
            ]),
    ];

    [Theory]
    [InlineData("bash", "source ./script")]
    [InlineData("fish", "source ./script")]
    [InlineData("tcsh", "source ./script")]
    [InlineData("zsh", "fpath=($PWD/functions $fpath); autoload -Uz compinit; compinit -D -u")]
    [InlineData("zsh", "autoload -Uz compinit; compinit -D -u; source ./script")]
    public void What_is_typed_with_tabs_becomes_the_words_that_are_meant(string shell, string start)
    {
        var script = box.Run("completion", shell).Ok().Out;
        box.MakeFile("script", script);
        box.MakeDir("functions");
        box.MakeFile("functions/_kvol", script);
        box.MakeFile("start", start + "\n");
        var cases = Cases.Where(c => c.Shells.Split(' ').Contains(shell)).SelectMany(c => c.Lines)
            .Select(l => l.Replace("TOP", box.Top, StringComparison.Ordinal)).Chunk(2).ToArray();
        using var typed = new Running("python3", [$"{PortTree.Top}/Tests/Shells/typed.py", shell, box.Top + "/start",
            .. cases.Select(c => c[0].Replace("\\t", "\t", StringComparison.Ordinal))], box.Environment, box.Top);
        // A shell may leave the slash behind a directory to the user.
        Assert.Equal(cases.Select(c => c[0] + ": <kvol>" + c[1].Replace("/>", ">", StringComparison.Ordinal)),
            cases.Select(c => c[0] + ": ").Zip(typed.Wait().Ok().Lines, (c, l) => c + l.Replace("/>", ">", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("(kvol rm w)", "web wiki")]
    [InlineData("(kvol umount \"$R\" '')", @"/srv/a\ b /srv/www")]
    [InlineData("(kvol exists '')", "db web wiki")]
    public void Bash_gets_the_words_from_its_function(string words, string choices)
    {
        var script = $"source <(kvol completion bash); COMP_WORDS={words}; COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1)); "
            + "_kvol kvol; printf '%s\\n' \"${COMPREPLY[*]}\"";
        Assert.Equal(choices + "\n", box.Shell(script).Ok().Out);
    }

    [Fact]
    public void Fish_lists_the_words_with_their_meaning()
    {
        box.MakeFile("script", box.Run("completion", "fish").Ok().Out);
        using var fish = new Running("fish", ["--no-config", "-c", "source script; complete -C 'kvol rm w'; complete -C 'kvol undel'"],
            box.Environment, box.Top);
        Assert.Equal("web\nwiki\nundelete\tBring back deleted volumes, or what a rollback replaced; print the names\n",
            fish.Wait().Ok().Out);
    }

    [Fact]
    public void Sh_has_a_function_that_prints_what_may_come_next()
    {
        using var sh = new Running("sh", ["-c", "eval \"$(kvol completion sh)\"; kvol_next rm w"], box.Environment, box.Top);
        Assert.Equal("web\nwiki\n", sh.Wait().Ok().Out);
    }

    [Fact]
    public void A_program_in_the_working_directory_is_not_run_by_a_tab()
    {
        box.MakeFile("kvol", "#!/bin/sh\ntouch was-run\n");
        Tool.Run("chmod", "755", box.Top + "/kvol");
        box.Shell("source <(kvol completion bash); COMP_WORDS=(./kvol rm w); COMP_CWORD=2; _kvol ./kvol").Ok();
        Assert.False(File.Exists(box.Top + "/was-run"));
    }
}
