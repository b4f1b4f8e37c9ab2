using System;
using System.Collections.Generic;
using System.Globalization;
using System.Text;
using Kvol.Native;
using Kvol.Storage.Values;

namespace Kvol.Storage.Base;

/// <summary>Where things are: the command line first, then the environment, the configuration file, and what is built in.</summary>
internal sealed record Configuration(string Root, string? StoreId, bool Cloning, int Jobs, string RunDirectory, string Path)
{
    /// <summary>Whether mounting a volume that does not exist creates it.</summary>
    public bool CreatesByMounting { get; init; } = true;

    /// <summary>How long removed volumes are kept unless the command says otherwise; null: not at all.</summary>
    public TimeSpan? Trash { get; init; }

    /// <summary>The store as <c>--root</c> gave it; null if that was not given.</summary>
    public string? GivenRoot { get; init; }

    /// <summary>The policy of snapshots of volumes that have none of their own; null: such volumes have none.</summary>
    public SnapshotPolicy? Snapshots { get; init; }

    /// <summary>The most workers of a seeding; more would only wait for each other in the file system.</summary>
    public const int MaximumJobs = 8;

    /// <summary>Workers for an archive: each holds pieces of it in memory.</summary>
    public int ArchiveJobs => Math.Min(Jobs, MaximumJobs);

    /// <summary>Reads the file, if there is one. A wrong line is an error (78) that names it. So is a missing file that KVOL_CONFIG names,
    /// unless the command is to write it.</summary>
    public static Configuration Load(string? rootOption, bool mayBeMissing = false)
    {
        var path = Variable("KVOL_CONFIG") ?? Host.ConfigPath;
        var values = Read(path, required: !mayBeMissing && Variable("KVOL_CONFIG") is not null);
        var root = rootOption ?? Variable("KVOL_ROOT") ?? values.GetValueOrDefault("root") ?? Host.DefaultRoot;
        if (root.Length == 0 || root.Contains('\uFFFD', StringComparison.Ordinal))
        {
            throw new KvolException(ExitStatus.Usage, "--root", "the store's directory (/PATH) or dataset (POOL/NAME) is missing");
        }

        // The configured id speaks of the configured store only.
        var id = rootOption is null && Variable("KVOL_ROOT") is null ? values.GetValueOrDefault("store_id")
            : values.GetValueOrDefault("root") == root ? values.GetValueOrDefault("store_id") : null;
        var jobs = values.GetValueOrDefault("jobs") is { } text ? ParseJobs(text)!.Value
            : Math.Min(Environment.ProcessorCount, MaximumJobs);
        var run = Variable("KVOL_RUN") ?? "/var/run/kvol";
        if (!run.StartsWith('/'))
        {
            throw new KvolException(ExitStatus.Configuration, "KVOL_RUN",
                $"{run}: must begin with /, because a relative path is a different place for each command");
        }

        return new Configuration(root, id, values.GetValueOrDefault("clone") is not "off", jobs, run, path)
        {
            CreatesByMounting = values.GetValueOrDefault("autocreate") is not "off",
            Trash = values.GetValueOrDefault("trash") is { } time and not "off" ? ParseTrash(time) : null,
            GivenRoot = rootOption,
            Snapshots = values.GetValueOrDefault("snapshots") is { } policy ? SnapshotPolicy.TryParse(policy, out _) : null,
        };
    }

    private static string? Variable(string name) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null;

    private static int? ParseJobs(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var n) && n is >= 1 and <= 64 ? n : null;

    private static TimeSpan? ParseTrash(string text) => Duration.TryParse(text) is { } time && time > TimeSpan.Zero ? time : null;

    /// <summary>Why a key or its value is wrong; null for a good one.</summary>
    private static string? Problem(string key, string value) => key switch
    {
        "clone" or "autocreate" when value is not ("on" or "off") => $"{key} = {new ByteString(value)}: must be on or off",
        "jobs" when ParseJobs(value) is null => $"jobs = {new ByteString(value)}: must be a number from 1 to 64",
        "root" when !value.StartsWith('/') && !DatasetName.IsValid(value) => $"root = {new ByteString(value)}: must be /PATH or POOL/NAME",
        "trash" when value != "off" && ParseTrash(value) is null =>
            $"trash = {new ByteString(value)}: must be off, or a time of at most 36500d: 12h, 7d, 2w",
        "snapshots" when SnapshotPolicy.TryParse(value, out var problem) is null => $"snapshots = {new ByteString(value)}: {problem}",
        "root" or "store_id" or "clone" or "jobs" or "autocreate" or "trash" or "snapshots" => null,
        _ => $"unknown key '{new ByteString(key)}'; known: root store_id clone jobs autocreate trash snapshots",
    };

    private static string Canonical(string key, string value) => (key, Truth.TryParse(value)) switch
    {
        ("clone" or "autocreate", { } on) => on ? "on" : "off",
        ("trash", false) when value != "0" => "off", // a time of 0 is a time, and refused as one
        _ => value,
    };

    private static Dictionary<string, string> Read(string path, bool required)
    {
        byte[] text;
        try
        {
            var name = new ByteString(path);
            text = SmallFile.Find(name) ?? (required ? SmallFile.Read(name) : []); // the second call says that it is not there
        }
        catch (NativeException e)
        {
            throw new KvolException(e.Failure == Failure.NotPermitted ? ExitStatus.NotPermitted : ExitStatus.Configuration, path, e.Reason);
        }

        var values = new Dictionary<string, string>();
        var number = 0;
        foreach (var line in Encoding.UTF8.GetString(text).Split('\n'))
        {
            number++;
            var hash = line.IndexOf('#', StringComparison.Ordinal);
            var content = (hash < 0 ? line : line[..hash]).Trim();
            if (content.Length == 0)
            {
                continue;
            }

            var (word, given) = KeyValue.Split(content);
            var key = word.TrimEnd();
            var value = given is null ? "" : Canonical(key, given.Trim());
            var problem = given is null ? "a line is 'key = value'" : Problem(key, value)
                ?? (values.TryAdd(key, value) ? null : $"'{key}' is given twice");
            if (problem is not null)
            {
                throw new KvolException(ExitStatus.Configuration, path, $"line {number}: {problem}");
            }
        }

        return values;
    }
}
