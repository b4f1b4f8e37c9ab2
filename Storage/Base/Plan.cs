using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using Kvol.Native;
using Kvol.Storage.Values;

namespace Kvol.Storage.Base;

/// <summary>What a dry run announces instead of doing it: a line for each step, in order. Also what the checks of later steps must know:
/// the mounts that are made and undone by earlier ones.</summary>
internal sealed class Plan
{
    private const string Warning = "# Do not make or undo these mounts by hand while a jail runs in the root directory: it can exchange "
        + "the paths. kvol resolves them safely.";

    private readonly List<string> lines = [];
    private readonly List<PlannedMount> mounts = [];
    private readonly HashSet<ulong> unmounted = [];
    private readonly HashSet<ByteString> removed = [], directories = [];
    private ulong made;
    private bool hasMounts;

    /// <summary>The lines for the user.</summary>
    public IReadOnlyList<string> Lines =>
        lines.Count == 0 ? ["# nothing to do"] : hasMounts ? [Warning, .. lines] : lines;

    /// <summary>What the steps so far change in the store.</summary>
    public PlannedVolumes Volumes { get; } = new();

    /// <summary>The number of steps so far, for <see cref="Rewind"/>.</summary>
    public int Count => lines.Count;

    /// <summary>Announces a command of the base system that is equal to the step.</summary>
    public void Do(params IEnumerable<string> words) => lines.Add(string.Join(' ', words.Select(Quoted)));

    /// <summary>The same for a step that several checks ask for.</summary>
    public void Once(params IEnumerable<string> words) => AddOnce(string.Join(' ', words.Select(Quoted)));

    /// <summary>The same with text that the shell is to see as it is, such as a redirection.</summary>
    public void DoAs(string command) => lines.Add(command);

    /// <summary>Announces, once, a step to which no command of the base system is equal.</summary>
    public void Note(string text) => AddOnce("# " + Shown.Of(text));

    /// <summary>Takes back the steps of work that is all or nothing and failed.</summary>
    public void Rewind(int count)
    {
        lines.RemoveRange(count, lines.Count - count);
        hasMounts &= count > 0;
    }

    /// <summary>Announces a mount. <paramref name="content"/> is what its top directory will hold: an open directory, which stays
    /// open, or none for an empty one or a file.</summary>
    public void Mount(ByteString target, Fd content, IEnumerable<string[]> commands)
    {
        foreach (var words in commands)
        {
            Do(words);
        }

        mounts.Add(new PlannedMount(target, content));
        hasMounts = true;
    }

    /// <summary>Announces that a mount is undone.</summary>
    public void Unmount(MountEntry entry, bool force)
    {
        Do(force ? ["umount", "-f", entry.Target.Text] : ["umount", entry.Target.Text]);
        unmounted.Add(entry.Id);
        hasMounts = true;
    }

    /// <summary>Whether an earlier step undoes this mount.</summary>
    public bool Unmounts(ulong id) => unmounted.Contains(id);

    /// <summary>The last mount that an earlier step makes at or above a path; null if there is none.</summary>
    public PlannedMount? MountAbove(ByteString path) => mounts.Where(m => path.IsAtOrBelow(m.Target)).MaxBy(m => m.Target.Length);

    /// <summary>Announces that an empty directory, or an empty file, is removed.</summary>
    public void Remove(ByteString path, bool isDirectory)
    {
        if (removed.Add(path))
        {
            Do(isDirectory ? "rmdir" : "rm", path.Text);
        }
    }

    /// <summary>Announces a new directory for root alone.</summary>
    public void MakeDirectory(ByteString path)
    {
        if (directories.Add(path))
        {
            Do("mkdir", "-m", "0700", path.Text);
        }
    }

    /// <summary>Whether an earlier step makes this directory.</summary>
    public bool Makes(ByteString path) => directories.Contains(path);

    /// <summary>Whether an earlier step removes this directory or file.</summary>
    public bool Removes(ByteString path) => removed.Contains(path);

    /// <summary>The status of a directory or file that an earlier step makes: owned by root, and the same as nothing else.</summary>
    public FileStatus NewObject(FileKind kind) => new(
        kind, kind == FileKind.Directory ? Permissions.AllEnter : Permissions.AllRead, 0, 0, new FileIdentity(ulong.MaxValue, ++made), 1, 0,
        0, default, default, default, 0, 0, false);

    private void AddOnce(string line)
    {
        if (!lines.Contains(line))
        {
            lines.Add(line);
        }
    }

    /// <summary>A word as every sh(1) takes it. What a terminal must not see is written in octal for printf(1).</summary>
    public static string Quoted(string word)
    {
        if (Shown.Of(word) == word)
        {
            return Shown.Quoted(word);
        }

        var text = new StringBuilder("\"$(printf '");
        foreach (var b in Encoding.UTF8.GetBytes(word))
        {
            _ = char.IsAsciiLetterOrDigit((char)b) || b is (byte)'/' or (byte)'.' or (byte)'-' or (byte)'_' ? text.Append((char)b)
                : text.Append('\\').Append(Convert.ToString(b, 8).PadLeft(3, '0'));
        }

        return text.Append("')\"").ToString();
    }
}

/// <summary>A mount that a step makes. <paramref name="Content"/>: see <see cref="Plan.Mount"/>.</summary>
internal sealed record PlannedMount(ByteString Target, Fd Content);
