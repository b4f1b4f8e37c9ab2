using System.Collections.Generic;
using System;
using System.IO;
using System.Text;
using Kvol.Native;
using Kvol.Storage.Base;
using Kvol.Storage.Stores;
using Xunit;

namespace Kvol.Tests.Unit;

/// <summary>Files that anybody may read, changed at random as a failing disk or an editor does.</summary>
[Trait("System", "Linux")]
[Collection("environment")]
public sealed class DamagedFiles(ITestOutputHelper output) : IDisposable
{
    private readonly Fuzzer fuzzer = new(output);
    private readonly string top = Directory.CreateTempSubdirectory("kvol-unit-").FullName;

    [Fact]
    public void Which_mount_points_were_made()
    {
        const string Good = """{"root":"/j","made":[{"path":"/srv","device":1,"inode":2,"birth":3,"birth_nanoseconds":4,"""
            + """ "parent_device":5,"parent_inode":6,"in_root":true}],"planned":[{"path":"/x","birth":1,"birth_nanoseconds":0}]}""";
        using var directory = Files.OpenDirectory(new ByteString(top));
        fuzzer.FuzzJson("mount point records", [Good], bytes =>
        {
            File.WriteAllBytes(top + "/10302-123.json", bytes);
            _ = MountPointRegistry.Roots(directory, new HashSet<FileIdentity>());
            _ = MountPointRegistry.AllObjects(directory);
        });
    }

    [Fact]
    public void What_is_known_of_a_seeding() => fuzzer.FuzzJson("seed records",
        [
            """{"source":"/x","at":"2026-01-02T03:04:05Z","files":1,"bytes":2,"ended":"2026-01-02T03:04:06Z","""
                + """ "not_kept_count":1,"not_kept":["p: w"]}""",
        ], bytes => _ = SeedJson.ParseWithFlags(Encoding.UTF8.GetString(bytes)));

    [Fact]
    public void The_configuration()
    {
        using var environment = new ConfigurationFiles.Variables(("KVOL_CONFIG", top + "/kvol.conf"));
        fuzzer.Fuzz("kvol.conf",
            ["# of this host\nroot = /var/db/kvol\nstore_id = 0123456789abcdef\nclone = off\njobs = 4\n",
            "root=zroot/kvol\n\n\tclone=yes # why\r\n"], text =>
        {
            File.WriteAllBytes(top + "/kvol.conf", Encoding.Latin1.GetBytes(text));
            _ = Configuration.Load(null);
        });
    }

    public void Dispose() => Directory.Delete(top, recursive: true);
}
