using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.RegularExpressions;
using Kvol.Tests.Support;
using Xunit;

namespace Kvol.Tests.Unit;

/// <summary>Storage has floors, the highest one first: a file uses its own floor and lower ones. The compiler finds a type only in the
/// namespace of its floor, so whoever names a type of another floor names that floor: in a using, or before the type.</summary>
public class Floors
{
    private static readonly string[] Order = ["Verbs", "Mounts", "Stores", "Archives", "Trees", "Base", "Values"];

    [Fact]
    public void The_floors_are_the_folders_and_nothing_lies_beside_them()
    {
        Assert.Equal(Order.Order(), Directory.GetFileSystemEntries(Storage).Select(p => Path.GetFileName(p)!).Order());
    }

    [Fact]
    public void A_file_has_the_namespace_of_its_floor()
    {
        Assert.Empty(Files().Where(f => !$"\n{f.Text}".Contains($"\nnamespace Kvol.Storage.{f.Floor};\n", StringComparison.Ordinal))
            .Select(f => f.Path));
    }

    [Fact]
    public void No_arrow_runs_back_to_a_higher_floor()
    {
        Assert.Empty(Files().SelectMany(f =>
            Named(f.Text).Where(n => Array.IndexOf(Order, n) < Array.IndexOf(Order, f.Floor)).Select(n => $"{f.Path} -> {n}")));
    }

    [Fact]
    public void Names_are_found_in_usings_and_before_types()
    {
        const string Text = """
            using Kvol.Storage.Verbs;
            using Short = Kvol.Storage.Mounts.RootSession;
            var a = Stores.VolumeStores.Open(); // Trees.InComment
            var b = report.Archives.Count + "Base.InText" + Storage.Base.Emptiness.Of();
            """;
        Assert.Equal(["Base", "Mounts", "Stores", "Verbs"], Named(Text).Order());
    }

    [Fact]
    public void Only_VolumeLocks_takes_the_lock_of_a_volume()
    {
        Assert.Equal(["Verbs/VolumeLocks.cs"], Files().Where(f => TakesVolumeLock(f.Text)).Select(f => f.Path));
    }

    [Fact]
    public void Other_locks_are_taken_where_their_protocol_is()
    {
        // The stores carry out what VolumeLocks asks for; the others guard records in the run directory, and those of this host in a store.
        Assert.Equal(
            [
                "Mounts/Holds.cs", "Mounts/RunRecords.cs", "Mounts/UndoneMounts.cs", "Stores/Directory/DirectoryStore.Shared.cs",
                "Stores/Directory/DirectoryStore.cs", "Stores/Directory/HostRecords.cs", "Stores/Zfs/ZfsStore.cs",
            ],
            Files().Where(f => Regex.IsMatch(Code(f.Text), @"\bFileLock\.Take\b")).Select(f => f.Path).Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("using var held = store.Lock(name, context);", true)]
    [InlineData("session.Store!.Lock(name, context).Dispose();", true)]
    [InlineData("Open(name)?\n    .Lock(name);", true)]
    [InlineData("_ = Files.Lock(gate, wait: true); // store.Lock(name)", false)]
    [InlineData("using var held = runs.LockRoot(root, path, context);", false)]
    [InlineData("IDisposable Lock(VolumeName name);", false)]
    public void A_lock_of_a_volume_is_told_from_others(string text, bool takes)
    {
        Assert.Equal(takes, TakesVolumeLock(text));
    }

    /// <summary>Whether a text asks a store for a lock. What Files locks is not a volume.</summary>
    private static bool TakesVolumeLock(string text) => Regex.IsMatch(Code(text), @"(?<!\bFiles)\.\s*Lock\(");

    /// <summary>A text without comments and strings.</summary>
    private static string Code(string text) => Regex.Replace(text, @"//.*|""(\\.|[^""\\\n])*""", "");

    /// <summary>The floors that a text names.</summary>
    private static IEnumerable<string> Named(string text)
    {
        var code = Code(text);
        return Order.Where(f => Regex.IsMatch(code, $@"\bStorage\.{f}\b|(?<![\w.]){f}\.[A-Z]"));
    }

    private static IEnumerable<(string Path, string Floor, string Text)> Files()
    {
        var top = Storage;
        return Directory.EnumerateFiles(top, "*.cs", SearchOption.AllDirectories)
            .Select(p => (p[(top.Length + 1)..], p[(top.Length + 1)..].Split('/')[0], File.ReadAllText(p)));
    }

    private static string Storage => Path.Combine(SourceTree.Top, "Storage");
}
