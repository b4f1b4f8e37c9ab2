using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using Kvol.Native;
using Kvol.Storage.Values;

namespace Kvol.Storage.Stores;

/// <summary>Converts properties between the texts of zfsprops(7) and the kernel's values: numbers for sizes and choices, texts for the rest
/// (module/zcommon/zfs_prop.c and the enums of include/sys/fs/zfs.h).</summary>
internal static class PropertyEncoding
{
    private static readonly Dictionary<string, Dictionary<string, ulong>> Choices = new()
    {
        ["atime"] = Switch(),
        ["relatime"] = Switch(),
        ["devices"] = Switch(),
        ["exec"] = Switch(),
        ["setuid"] = Switch(),
        ["readonly"] = Switch(),
        ["nbmand"] = Switch(),
        ["overlay"] = Switch(),
        ["vscan"] = Switch(),
        ["utf8only"] = Switch(),
        ["canmount"] = Numbered("off", "on", "noauto"),
        ["checksum"] = Values(("on", 1), ("off", 2), ("fletcher2", 6), ("fletcher4", 7), ("sha256", 8), ("noparity", 10), ("sha512", 11),
            ("skein", 12), ("edonr", 13), ("blake3", 14)),
        ["dedup"] = Values(("on", 1), ("off", 2), ("sha256", 8), ("sha512", 11), ("skein", 12), ("blake3", 14), ("verify", 257),
            ("sha256,verify", 264)),
        ["copies"] = Values(("1", 1), ("2", 2), ("3", 3)),
        ["sync"] = Numbered("standard", "always", "disabled"),
        ["logbias"] = Numbered("latency", "throughput"),
        ["primarycache"] = Numbered("none", "metadata", "all"),
        ["secondarycache"] = Numbered("none", "metadata", "all"),
        ["xattr"] = Values(("off", 0), ("dir", 1), ("sa", 2)),
        ["snapdir"] = Numbered("hidden", "visible", "disabled"),
        ["snapdev"] = Numbered("hidden", "visible"),
        ["dnodesize"] = Values(("legacy", 0), ("auto", 1), ("1k", 1024), ("2k", 2048), ("4k", 4096), ("8k", 8192), ("16k", 16384)),
        ["redundant_metadata"] = Numbered("all", "most", "some", "none"),
        ["acltype"] = Values(("off", 0), ("noacl", 0), ("posix", 1), ("posixacl", 1), ("nfsv4", 2)),
        ["aclmode"] = Values(("discard", 0), ("groupmask", 2), ("passthrough", 3), ("restricted", 4)),
        ["aclinherit"] = Values(("discard", 0), ("noallow", 1), ("restricted", 4), ("passthrough", 3), ("passthrough-x", 5)),
        ["casesensitivity"] = Numbered("sensitive", "insensitive", "mixed"),
        ["normalization"] = Values(("none", 0), ("formD", 0x10), ("formKC", 0x60), ("formC", 0x50), ("formKD", 0x20)),
        ["compression"] = Compression(),
    };

    private static readonly HashSet<string> Sizes = ["quota", "refquota", "reservation", "refreservation", "filesystem_limit",
        "snapshot_limit"];

    // When a file system is created, the kernel accepts any number for these. libzfs checks them, so kvol must too (zfs_valid_proplist()).
    private static readonly HashSet<string> BlockSizes = ["recordsize", "special_small_blocks"];

    private static readonly HashSet<string> Texts = ["mountpoint", "mlslabel", "context", "fscontext", "defcontext", "rootcontext",
        "sharenfs", "sharesmb"];

    /// <summary>Parses options of the form <c>PROP=VALUE</c>. The property determines whether the value is an <see cref="ulong"/> or a
    /// <see cref="string"/>. An error (64) names the wrong option, with <paramref name="prefix"/> before it.</summary>
    public static SortedDictionary<string, object> Parse(IReadOnlyList<string> options, string prefix = "-o ")
    {
        var result = new SortedDictionary<string, object>(StringComparer.Ordinal);
        foreach (var option in options)
        {
            var (name, value) = KeyValue.Split(option);
            if (name.Length == 0 || value is null)
            {
                throw Wrong(prefix + option, "is not PROP=VALUE");
            }

            if (!result.TryAdd(name, Encode(prefix, option, name, value)))
            {
                throw Wrong(prefix + option, $"'{name}' is given twice");
            }
        }

        return result;
    }

    /// <summary>Adds what <see cref="Parse"/> returned to a list for the kernel.</summary>
    public static void Add(NvList list, IReadOnlyDictionary<string, object> properties)
    {
        foreach (var (name, value) in properties)
        {
            if (value is ulong number)
            {
                list.Add(name, number);
            }
            else
            {
                list.Add(name, (string)value);
            }
        }
    }

    /// <summary>The text that zfs(8) shows for a number: the first of its names.</summary>
    public static string Text(string property, ulong number) =>
        Choices.TryGetValue(property, out var choices) && choices.FirstOrDefault(c => c.Value == number).Key is { } name
        ? name : number.ToString(CultureInfo.InvariantCulture);

    private static object Encode(string prefix, string option, string name, string value)
    {
        if (name.Contains(':', StringComparison.Ordinal))
        {
            return name.StartsWith("kvol:", StringComparison.Ordinal)
                ? throw Wrong(prefix + option, "properties that begin with 'kvol:' are kvol's own; labels are given with -l")
                : name.Length < 256 && name.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is ':' or '-' or '.' or '_')
                    ? value
                : throw Wrong(prefix + option, "a user property has lower-case letters, digits, ':', '-', '.' and '_'");
        }

        if (Choices.TryGetValue(name, out var choices))
        {
            return choices.TryGetValue(value, out var number) ? number
                : throw Wrong(prefix + option, $"'{name}' is one of {string.Join(' ', choices.Keys.Take(16))}");
        }

        if (Sizes.Contains(name))
        {
            // as libzfs says none
            return Size.Parse($"{prefix}{name}", value) ?? (name.EndsWith("_limit", StringComparison.Ordinal) ? ulong.MaxValue : 0);
        }

        if (BlockSizes.Contains(name))
        {
            var size = Size.Parse($"{prefix}{name}", value) ?? 0;
            return (size == 0 && name != "recordsize") || (size is >= 512 and <= 16 << 20 && (size & (size - 1)) == 0) ? size
                : throw Wrong(prefix + option, $"'{name}' is a power of two from 512 to 16M");
        }

        if (name == "mountpoint" && value is not ("none" or "legacy") && !value.StartsWith('/'))
        {
            throw Wrong(prefix + option, "a mountpoint is an absolute path, none or legacy");
        }

        return Texts.Contains(name) ? value
            : throw Wrong(prefix + option, $"unknown property '{name}', or one that cannot be set on a new file system");
    }

    private static KvolException Wrong(string option, string reason) => new(ExitStatus.Usage, new ByteString(option).ToString(), reason);

    private static Dictionary<string, ulong> Switch() => Numbered("off", "on");

    private static Dictionary<string, ulong> Numbered(params string[] names) =>
        names.Select((n, i) => (n, (ulong)i)).ToDictionary(p => p.n, p => p.Item2);

    private static Dictionary<string, ulong> Values(params (string Name, ulong Value)[] values) =>
        values.ToDictionary(v => v.Name, v => v.Value);

    private static Dictionary<string, ulong> Compression()
    {
        var values = Values(("on", 1), ("off", 2), ("lzjb", 3), ("gzip", 10), ("zle", 14), ("lz4", 15), ("zstd", 16));
        for (var level = 1; level <= 9; level++)
        {
            values[string.Create(CultureInfo.InvariantCulture, $"gzip-{level}")] = (ulong)(4 + level);
        }

        // ZIO_COMPLEVEL_ZSTD and enum zio_zstd_levels, include/sys/zio_compress.h
        for (var level = 1; level <= 19; level++)
        {
            values[string.Create(CultureInfo.InvariantCulture, $"zstd-{level}")] = Zstd((ulong)level);
        }

        var fast = 103UL;
        foreach (var name in (string[])["1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "20", "30", "40", "50", "60", "70", "80", "90",
            "100", "500", "1000"])
        {
            values[$"zstd-fast-{name}"] = Zstd(fast++);
        }

        values["zstd-fast"] = values["zstd-fast-1"];
        return values;

        static ulong Zstd(ulong level) => 16 | (level << 7);
    }
}
