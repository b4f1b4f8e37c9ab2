using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using Kvol.Storage.Base;
using Kvol.Storage.Values;
using Xunit;

namespace Kvol.Tests.Unit;

/// <summary>Where kvol takes its settings from: the command line, the environment, the file, what is built in.</summary>
[Trait("System", "Linux")]
[Collection("environment")]
public sealed class ConfigurationFiles : IDisposable
{
    private readonly string top = Directory.CreateTempSubdirectory("kvol-unit-").FullName;
    private readonly Variables variables;

    public ConfigurationFiles() => variables = new Variables(("KVOL_CONFIG", top + "/kvol.conf"), ("KVOL_ROOT", null), ("KVOL_RUN", null));

    [Fact]
    public void A_file_without_a_line_leaves_what_is_built_in()
    {
        var configuration = Load("");
        Assert.Equal(("/var/lib/kvol", "/var/run/kvol", null, true, true), (configuration.Root, configuration.RunDirectory,
            configuration.StoreId, configuration.Cloning, configuration.CreatesByMounting));
        Assert.InRange(configuration.Jobs, 1, Configuration.MaximumJobs);
    }

    [Fact]
    public void Keys_comments_and_spaces_are_read()
    {
        var configuration = Load("# of this host\n\n root =  zroot/kvol # why\r\nstore_id=ab\n\tclone = no\nautocreate=off\njobs = 64");
        Assert.Equal(("zroot/kvol", "ab", false, false, 64, 8), (configuration.Root, configuration.StoreId, configuration.Cloning,
            configuration.CreatesByMounting, configuration.Jobs, configuration.ArchiveJobs));
    }

    [Theory]
    [InlineData("root", "line 1: a line is 'key = value'")]
    [InlineData("\n\nroots = /x", "line 3: unknown key 'roots'")]
    [InlineData("root = /a\nroot = /b", "line 2: 'root' is given twice")]
    [InlineData("clone = maybe", "line 1: clone = maybe: must be on or off")]
    [InlineData("autocreate = 2", "line 1: autocreate = 2: must be on or off")]
    [InlineData("snapshots = hourly", "line 1: snapshots = hourly: hourly: hourly needs a number")]
    [InlineData("snapshots =", "line 1: snapshots = : '' is not a period")]
    [InlineData("jobs = 0", "line 1: jobs = 0: must be a number")]
    [InlineData("jobs = 65", "line 1: jobs = 65: must be a number")]
    [InlineData("jobs = four", "line 1: jobs = four: must be a number")]
    [InlineData("Root = /x", "line 1: unknown key 'Root'")]
    public void A_wrong_line_is_78_and_named(string text, string reason)
    {
        var failure = Assert.Throws<KvolException>(() => Load(text));
        Assert.Equal(ExitStatus.Configuration, failure.Status);
        Assert.Contains(reason, failure.Message);
    }

    [Fact]
    public void The_command_line_comes_before_the_environment_and_that_before_the_file()
    {
        const string File = "root = /file\nstore_id = ab\n";
        Assert.Equal(("/file", "ab"), Store(null));
        Assert.Equal(("/option", null), Store("/option"));
        Assert.Equal(("/file", "ab"), Store("/file"));
        Environment.SetEnvironmentVariable("KVOL_ROOT", "/variable");
        Assert.Equal(("/variable", null), Store(null));
        Assert.Equal(("/option", null), Store("/option"));
        Environment.SetEnvironmentVariable("KVOL_ROOT", "");
        Assert.Equal(("/file", "ab"), Store(null));

        (string, string?) Store(string? option) => Load(File, option) is var c ? (c.Root, c.StoreId) : default;
    }

    [Fact]
    public void A_store_without_a_name_is_64_and_a_file_that_was_named_must_be_there()
    {
        Assert.Equal(ExitStatus.Usage, Assert.Throws<KvolException>(() => Load("", "")).Status);
        Assert.Equal(ExitStatus.Usage, Assert.Throws<KvolException>(() => Load("", "/\uFFFD")).Status);
        Environment.SetEnvironmentVariable("KVOL_CONFIG", top + "/missing");
        Assert.Equal(ExitStatus.Configuration, Assert.Throws<KvolException>(() => Configuration.Load(null)).Status);
    }

    [Fact]
    public void Setting_the_store_leaves_every_other_line_as_it_is()
    {
        File.WriteAllText(top + "/kvol.conf", "# mine\nroot = /old\njobs = 3 # three\n");
        ConfigurationFile.SetStore(top + "/kvol.conf", "/new", "cd", plan: null);
        Assert.Equal("# mine\njobs = 3 # three\nroot = /new\nstore_id = cd\n", File.ReadAllText(top + "/kvol.conf"));
        File.Delete(top + "/kvol.conf");
        ConfigurationFile.SetStore(top + "/kvol.conf", "/new", "cd", plan: null);
        Assert.Equal("root = /new\nstore_id = cd\n", File.ReadAllText(top + "/kvol.conf"));
        Assert.Equal(["kvol.conf"], Directory.GetFileSystemEntries(top).Select(Path.GetFileName));
    }

    public void Dispose()
    {
        variables.Dispose();
        Directory.Delete(top, recursive: true);
    }

    private Configuration Load(string text, string? option = null)
    {
        File.WriteAllText(top + "/kvol.conf", text);
        return Configuration.Load(option);
    }

    /// <summary>Variables of the environment for one test; tests that use it are in one collection, so that none sees another's.</summary>
    internal sealed class Variables : IDisposable
    {
        private readonly Dictionary<string, string?> before = [];

        public Variables(params (string Name, string? Value)[] variables)
        {
            foreach (var (name, value) in variables)
            {
                before[name] = Environment.GetEnvironmentVariable(name);
                Environment.SetEnvironmentVariable(name, value);
            }
        }

        public void Dispose()
        {
            foreach (var (name, value) in before)
            {
                Environment.SetEnvironmentVariable(name, value);
            }
        }
    }
}
