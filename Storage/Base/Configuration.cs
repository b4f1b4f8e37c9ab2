using System;
using System.Collections.Generic;
using System.Globalization;
using System.Text;
using Kvol.Native;
using Kvol.Storage.Values;
using Kvol.Storage.Verbs;

namespace Kvol.Storage.Base;

/// <summary>Where things are: the command line first, then the environment, the configuration file, and what is built in.</summary>
internal sealed record Configuration(string Root, string? StoreId, bool Cloning, int Jobs, string RunDirectory, string Path)
{
    /// <summary>Whether mounting a volume that does not exist creates it.</summary>
    public bool CreatesByMounting { get; init; } = true;

    /// <summary>Most workers that help a seeding; more only wait for each other in the file system.</summary>
    public const int MaximumJobs = 8;

    /// <summary>Workers for an archive: each holds pieces of it in memory.</summary>
    public int ArchiveJobs => Math.Min(Jobs, MaximumJobs);

    /// <summary>Reads the file, if there is one; a line that is not understood is an error (78) naming it.</summary>
    public static Configuration Load(string? rootOption)
    {
        var path = Variable("KVOL_CONFIG") ?? Host.ConfigPath;
        var values = Read(path, required: Variable("KVOL_CONFIG") is not null);
        var root = rootOption ?? Variable("KVOL_ROOT") ?? values.GetValueOrDefault("root") ?? Host.DefaultRoot;
        if (root.Length == 0 || root.Contains('\uFFFD', StringComparison.Ordinal))
        {
            throw new KvolException(ExitStatus.Usage, "--root", "the store's directory (/PATH) or dataset (POOL/NAME) is missing");
        }

        // The configured id speaks of the configured store only.
        var id = rootOption is null && Variable("KVOL_ROOT") is null ? values.GetValueOrDefault("store_id")
            : values.GetValueOrDefault("root") == root ? values.GetValueOrDefault("store_id") : null;
        var clone = values.GetValueOrDefault("clone") switch
        {
            null or "on" or "yes" or "auto" => true,
            "off" or "no" => false,
            var other => throw new KvolException(ExitStatus.Configuration, path, $"clone = {other}: it is on or off"),
        };
        var jobs = values.GetValueOrDefault("jobs") is not { } text ? Math.Min(Environment.ProcessorCount, MaximumJobs)
            : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var n) && n is >= 1 and <= 64 ? n
            : throw new KvolException(ExitStatus.Configuration, path, $"jobs = {text}: it is a number from 1 to 64");
        var creates = values.GetValueOrDefault("autocreate") switch
        {
            null or "on" or "yes" => true,
            "off" or "no" => false,
            var other => throw new KvolException(ExitStatus.Configuration, path, $"autocreate = {other}: must be on or off"),
        };
        return new Configuration(root, id, clone, jobs, Variable("KVOL_RUN") ?? "/var/run/kvol", path) { CreatesByMounting = creates };
    }

    private static string? Variable(string name) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null;

    private static Dictionary<string, string> Read(string path, bool required)
    {
        byte[] text;
        try
        {
            var name = new ByteString(path);
            text = required ? SmallFile.Read(name) : SmallFile.Find(name) ?? [];
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

            var equals = content.IndexOf('=', StringComparison.Ordinal);
            var key = equals < 0 ? content : content[..equals].TrimEnd();
            var problem = equals < 0 ? "a line is 'key = value'"
                : key is not ("root" or "store_id" or "clone" or "jobs" or "autocreate") ? $"unknown key '{new ByteString(key)}'; known: root store_id clone jobs autocreate"
                : !values.TryAdd(key, content[(equals + 1)..].Trim()) ? $"'{key}' is given twice"
                : null;
            if (problem is not null)
            {
                throw new KvolException(ExitStatus.Configuration, path, $"line {number}: {problem}");
            }
        }

        return values;
    }
}
