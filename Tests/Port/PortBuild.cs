using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text;
using Kvol.Tests.Support;
using Xunit;

namespace Kvol.Tests.Port;

/// <summary>The port's build, run on this host: without a network, from the distribution files and the SDK's library-packs alone.</summary>
[Trait("System", "Linux")] // once is enough: it builds its own program
public class PortBuild
{
    [Fact]
    public void It_builds_without_a_network_from_the_distribution_files_and_the_sdk()
    {
        // The packages of the compiler unpack to more than the tests' small disks hold.
        var top = Directory.CreateTempSubdirectory("kvol-port-").FullName;
        try
        {
            Build(top);
        }
        finally
        {
            Directory.Delete(top, recursive: true);
        }
    }

    [Fact]
    public void The_abi_note_is_kept_by_the_link_and_its_absence_fails_the_build()
    {
        using var box = new Box();
        // As in FreeBSD's lib/csu: a note in a group.
        box.MakeFile("crt.s", """
                .section .note.tag,"aG",%note,.freebsd.noteG,comdat
                .p2align 2
                .4byte 2f-1f, 4f-3f, 1
            1:  .ascii "FreeBSD\0"
            2:  .p2align 2
            3:  .4byte 1305000
            4:  .p2align 2
                .text
                .globl _start
            _start: ret

            """);
        // The second script is the compiler's own.
        box.MakeFile("sections.ld", "OVERWRITE_SECTIONS { __modules : { KEEP(*(__modules)) } }\n");
        Tool.Run("clang", "--target=x86_64-unknown-freebsd13", "-c", box.Top + "/crt.s", "-o", box.Top + "/crt.o");
        foreach (var (kept, script) in new[] { (true, PortTree.Top + "/Native/FreeBSD/notes.ld"), (false, null) })
        {
            string[] link = ["--gc-sections", "--discard-all", "--build-id=sha1", "-pie", "-e", "_start", "-T", box.Top + "/sections.ld"];
            Tool.Run("ld.lld", [.. link, .. script is null ? [] : new[] { "-T", script }, box.Top + "/crt.o", "-o", box.Top + "/kvol"]);
            var result = PortTree.Make("post-build", $"PUBLISH_DIR={box.Top}", "READELF=llvm-readelf");
            Assert.Equal(kept, result.Exit == 0);
            Assert.Equal(!kept, result.Out.Contains("has no NT_FREEBSD_ABI_TAG note", StringComparison.Ordinal));
        }
    }

    [Fact]
    public void The_project_links_for_freebsd_with_that_script()
    {
        Assert.Contains("Native/FreeBSD/notes.ld", Tool.Run("dotnet", "msbuild", PortTree.Top + "/kvol.csproj", "-nologo",
            "-getItem:LinkerArg", "-p:RuntimeIdentifier=freebsd.14-x64"));
        Assert.DoesNotContain("notes.ld", Tool.Run("dotnet", "msbuild", PortTree.Top + "/kvol.csproj", "-nologo", "-getItem:LinkerArg",
            "-p:RuntimeIdentifier=linux-x64"));
    }

    private static void Build(string top)
    {
        var port = top + "/kvol";
        Tool.Run("cp", "-R", PortTree.Directory, port);
        PortFiles.MakeDistinfo(port, top + "/distfiles");
        var local = Sdk(top);
        // It says how it is called, and links with this host's compiler.
        File.WriteAllText(top + "/cc", $"#!/bin/sh\necho \"$@\" >>{top}/links\nexec clang \"$@\"\n");
        Tool.Run("chmod", "755", top + "/cc");
        // This host's SDK has the compiler for this host's identifier, as FreeBSD's has for FreeBSD's.
        using var child = new Running(
            "unshare",
            ["--net", "bmake", "-r", "-m", PortTree.Stubs, "patch", "do-build", $"DISTDIR={top}/distfiles", $"WRKDIRPREFIX={top}",
                $"DISTINFO={port}/distinfo", $"LOCALBASE={local}", $"DOTNET_RID={Rid}",
                "PREFIX=/opt/pkg", $"CC={top}/cc"],
            new Dictionary<string, string> { ["LDFLAGS"] = "-Wl,--build-id=0xc0ffee" }, PortTree.Directory);
        child.Wait(900).Ok();
        // It is FreeBSD's side: what it misses on this host is FreeBSD's libc.
        using var built = new Running(top + "/work/publish/kvol", ["--version"]);
        Assert.Contains("libc.so.7", built.Wait().Err);
        // The tree's compiler and its options made the link, and the prefix is in the program.
        Assert.Contains($"-Wl,--build-id=0xc0ffee -L{local}/lib ", File.ReadAllText(top + "/links"));
        // The compiler to native code breaks strings up; what it reads has them whole.
        var code = Directory.EnumerateFiles(top + "/work", "kvol.dll", SearchOption.AllDirectories).Select(File.ReadAllBytes).ToList();
        Assert.Contains(code, c => Holds(c, "/opt/pkg/etc/kvol.conf"));
        Assert.DoesNotContain(code, c => Holds(c, "/usr/local/etc/kvol.conf"));
    }

    private static bool Holds(byte[] assembly, string constant) => assembly.AsSpan().IndexOf(Encoding.Unicode.GetBytes(constant)) >= 0;

    private static string Rid => System.Runtime.InteropServices.RuntimeInformation.RuntimeIdentifier switch
    {
        var rid when rid.EndsWith("arm64", StringComparison.Ordinal) => "linux-arm64",
        _ => "linux-x64",
    };

    /// <summary>A LOCALBASE as lang/dotnet makes it: the SDK, and beside it the packages that it needs for native AOT.</summary>
    private static string Sdk(string top)
    {
        var local = top + "/local";
        Tool.Run("mkdir", "-p", local + "/bin", local + "/share/dotnet/library-packs");
        var real = Path.GetDirectoryName(Tool.Run("readlink", "-f", Tool.Run("sh", "-c", "command -v dotnet").Trim()).Trim())!;
        foreach (var directory in Directory.EnumerateDirectories(real).Where(d => Path.GetFileName(d) != "library-packs"))
        {
            Tool.Run("ln", "-s", directory, local + "/share/dotnet/");
        }

        Tool.Run("cp", real + "/dotnet", local + "/share/dotnet/dotnet");
        Tool.Run("ln", "-s", "../share/dotnet/dotnet", local + "/bin/dotnet");
        var cache = Tool.Run("dotnet", "nuget", "locals", "global-packages", "--list").Split(": ", 2)[1].Trim();
        foreach (var package in Directory.EnumerateFiles(cache, "*.nupkg", SearchOption.AllDirectories)
            .Where(p => !p.Contains("system.commandline", StringComparison.Ordinal)))
        {
            Tool.Run("ln", "-s", package, local + "/share/dotnet/library-packs/");
        }

        return local;
    }
}
