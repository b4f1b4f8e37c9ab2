using System.IO;
using System.IO.Compression;

namespace Kvol.Tests.Support;

/// <summary>Databases that other programs wrote: of Docker 20.10 and of podman 4.3, after a few volumes and a container had been made with
/// them, and one of SQLite 3.40 with the tables of podman 5.</summary>
internal static class Captured
{
    public const string Docker = "docker-20.10", Podman = "podman-4.3", PodmanSqlite = "podman-sqlite";

    /// <summary>The whole database.</summary>
    public static byte[] Bytes(string name)
    {
        using var file = File.OpenRead(Path.Combine(SourceTree.Top, "Tests/Unit/Captured", name + ".db.gz"));
        using var whole = new MemoryStream();
        new GZipStream(file, CompressionMode.Decompress).CopyTo(whole);
        return whole.ToArray();
    }
}
