using System.Collections.Generic;
using System.Globalization;
using Kvol.Native;

namespace Kvol.Storage.Values;

/// <summary>A file system without a source, which exists as long as its mount: tmpfs(5), and fdescfs(5), linprocfs(5) and linsysfs(5) of
/// FreeBSD.</summary>
internal sealed record NewFileSystem(string Type)
{
    /// <summary>The type that takes a size, an owner and a mode.</summary>
    public const string Memory = "tmpfs";

    /// <summary>The type that takes <see cref="LinkTargets"/>.</summary>
    public const string Descriptors = "fdescfs";

    /// <summary>The largest size: the kernels count the bytes in 63 bits and round up.</summary>
    public const ulong MostBytes = 1UL << 62;

    /// <summary>All types, of both systems.</summary>
    public static readonly string[] Types = [Memory, Descriptors, "linprocfs", "linsysfs"];

    /// <summary>The most bytes that it may hold, or null.</summary>
    public ulong? Size { get; init; }

    /// <summary>The mode of its top directory; null: that of the directory that it covers.</summary>
    public uint? Mode { get; init; }

    /// <summary>The owner of its top directory; null: that of the directory that it covers.</summary>
    public uint? Uid { get; init; }

    /// <summary>The group of its top directory; null: that of the directory that it covers.</summary>
    public uint? Gid { get; init; }

    /// <summary>Whether a descriptor looks like a symbolic link, as in Linux: fdescfs(5).</summary>
    public bool LinkTargets { get; init; }

    /// <summary>Its options, as they are written in a SPEC.</summary>
    public IEnumerable<string> Options()
    {
        if (Size is { } size)
        {
            yield return "size=" + Values.Size.Exact(size);
        }

        if (Mode is { } mode)
        {
            yield return "mode=" + TopText.OfMode(mode);
        }

        if (Uid is { } uid)
        {
            yield return "owner=" + TopText.OfOwner(uid, Gid);
        }

        if (LinkTargets)
        {
            yield return "linrdlnk";
        }
    }

    /// <summary>Its options for mount(8) of either system, when it covers a directory with this status.</summary>
    public IReadOnlyList<(string Name, string? Value)> MountOptions(in FileStatus covered)
    {
        var options = new List<(string, string?)>();
        if (Size is { } size)
        {
            options.Add(("size", size.ToString(CultureInfo.InvariantCulture)));
        }

        if (Type == Memory)
        {
            options.Add(("mode", TopText.OfMode(Mode ?? covered.Mode)));
            options.Add(("uid", (Uid ?? covered.Uid).ToString(CultureInfo.InvariantCulture)));
            options.Add(("gid", (Gid ?? covered.Gid).ToString(CultureInfo.InvariantCulture)));
        }

        if (LinkTargets)
        {
            options.Add(("linrdlnk", null));
        }

        return options;
    }
}
