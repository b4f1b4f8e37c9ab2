using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.RegularExpressions;
using Kvol.Tests.Support;
using Xunit;

namespace Kvol.Tests.Port;

/// <summary>The port's own files, and what they install into a stage directory.</summary>
public class PortFiles
{
    [Fact]
    public void The_version_is_the_project_files() => Assert.Equal(PortTree.ProjectVersion(), PortTree.Value("DISTVERSION"));

    [Theory]
    [InlineData("PORTNAME", "^kvol$")]
    [InlineData("CATEGORIES", "^sysutils$")]
    [InlineData("COMMENT", "^(?!An? |The |kvol)[A-Z].{0,68}[^.]$")]
    [InlineData("LICENSE", "^BSD2CLAUSE MIT$")]
    [InlineData("ONLY_FOR_ARCHS", "^aarch64 amd64$")]
    [InlineData("BUILD_DEPENDS", ":lang/dotnet .*:devel/libinotify .*:security/krb5$")]
    [InlineData("USE_RC_SUBR", "^kvol$")]
    [InlineData("DOTNET_RID", @"^freebsd\.14-x64$")]
    [InlineData("DOTNET_RID", @"^freebsd\.15-arm64$", "ARCH=aarch64", "OSREL=15.0")]
    public void A_variable_has_the_form_that_the_ports_tree_wants(string name, string form, params string[] arguments) =>
        Assert.Matches(form, PortTree.Value(name, arguments));

    [Fact]
    public void Each_package_is_fetched_from_its_own_place_below_the_site_that_a_release_names()
    {
        Assert.Equal("%%SITE%%/ %%NUGET_SITE%%/system.commandline/2.0.15/:nuget_system_commandline", PortTree.Value("MASTER_SITES"));
        Assert.Equal($"kvol-{PortTree.ProjectVersion()}.tar.gz system.commandline.2.0.15.nupkg:nuget_system_commandline",
            PortTree.Value("DISTFILES"));
        Assert.Equal($"kvol-{PortTree.ProjectVersion()}.tar.gz", PortTree.Value("EXTRACT_ONLY"));
    }

    [Fact]
    public void The_packages_and_their_checksums_are_those_of_a_restore()
    {
        using var box = new Box();
        var copy = box.Top + "/kvol";
        Tool.Run("cp", "-R", PortTree.Directory, copy);
        MakeDistinfo(copy);
        Assert.Equal(Entries(PortTree.Read("distinfo")), Entries(File.ReadAllText(copy + "/distinfo")));
        Assert.Equal(PortTree.Read("Makefile"), File.ReadAllText(copy + "/Makefile"));
    }

    [Fact]
    public void A_distribution_file_that_was_changed_is_not_extracted()
    {
        using var box = new Box();
        var copy = box.Top + "/kvol";
        Tool.Run("cp", "-R", PortTree.Directory, copy);
        MakeDistinfo(copy, box.Top + "/distfiles");
        File.AppendAllText(Directory.GetFiles(box.Top + "/distfiles/kvol", "*.nupkg").Single(), "x");
        var result = PortTree.Make("extract", $"DISTDIR={box.Top}/distfiles", $"WRKDIRPREFIX={box.Top}", $"DISTINFO={copy}/distinfo");
        Assert.NotEqual(0, result.Exit);
        Assert.Contains("checksum of system.commandline", result.Err);
    }

    [Theory]
    [MemberData(nameof(ScriptNames))]
    public void A_script_is_plain_sh(string path)
    {
        Tool.Run("sh", "-n", path);
        Tool.Run("checkbashisms", "--force", path);
    }

    public static IEnumerable<TheoryDataRow<string>> ScriptNames() => PortTree.Scripts().Select(s => new TheoryDataRow<string>(s));

    /// <summary>Runs the script that makes distinfo on a copy of the port.</summary>
    internal static void MakeDistinfo(string port, params string[] arguments)
    {
        using var child = new Running("sh", [PortTree.Top + "/port/make-distinfo.sh", .. arguments],
            new Dictionary<string, string> { ["PORT"] = port });
        child.Wait().Ok();
    }

    private static IEnumerable<string> Entries(string distinfo) =>
        distinfo.Split('\n').Where(l => l.Contains(".nupkg)", StringComparison.Ordinal));
}
