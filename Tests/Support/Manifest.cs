using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Security.Cryptography;
using System.Text;
using Xunit;

namespace Kvol.Tests.Support;

/// <summary>Everything known about a tree, one line for each path, including the top.</summary>
internal sealed record Manifest(IReadOnlyList<string> Lines)
{
    private const int SeekData = 3, SeekHole = 4;

    /// <summary>Walks with one open directory at a time and returns by "..", so that depth costs neither stack nor descriptors.</summary>
    public static Manifest Of(string top, bool holes = true, bool oneFileSystem = false)
    {
        var lines = new List<string>();
        var groups = new Dictionary<(ulong, ulong), string>();
        var first = Sys.Stat(top);
        lines.Add(". " + Describe(top, first, ".", groups, holes));
        var fd = Sys.Open(top, 0x90000);
        var pending = new Stack<(Queue<string> Names, string Path)>();
        pending.Push((new(Sys.List($"/proc/self/fd/{fd}")), string.Empty));
        while (pending.Count > 0)
        {
            var (names, path) = pending.Peek();
            if (!names.TryDequeue(out var name))
            {
                pending.Pop();
                var up = pending.Count > 0 ? Libc.openat(fd, Sys.Bytes(".."), 0x90000, 0) : -1;
                _ = Libc.close(fd);
                fd = up;
                continue;
            }

            var at = $"/proc/self/fd/{fd}/{name}";
            var status = Sys.Stat(at);
            // The full paths of very deep entries would make the manifest quadratic: depth and path tail identify an entry.
            var shown = path.Length > 2000 ? $"{pending.Count}:{name}" : path + name;
            lines.Add(Escape(shown) + " " + Describe(at, status, shown, groups, holes));
            if (status.Kind == Kind.Directory && !(oneFileSystem && status.MountId != first.MountId))
            {
                var next = Sys.Open(at, 0x90000);
                _ = Libc.close(fd);
                fd = next;
                pending.Push((new(Sys.List($"/proc/self/fd/{fd}")), shown + "/"));
            }
        }

        return new Manifest(lines);
    }

    public void MustEqual(Manifest other)
    {
        var missing = Lines.Except(other.Lines).Take(20).Select(l => "- " + l);
        var extra = other.Lines.Except(Lines).Take(20).Select(l => "+ " + l);
        var difference = string.Join('\n', missing.Concat(extra).Order(StringComparer.Ordinal));
        Assert.True(difference.Length == 0 && Lines.Count == other.Lines.Count, "trees differ (- expected, + found):\n" + difference);
    }

    private static string Describe(string path, Status s, string shown, Dictionary<(ulong, ulong), string> groups, bool holes)
    {
        var text = new StringBuilder();
        var mtime = string.Create(CultureInfo.InvariantCulture, $"{s.Seconds}.{s.Nanos:d9}");
        text.Append($"{s.Kind} {Convert.ToString(s.Mode, 8)} {s.Uid}:{s.Gid} {mtime}");
        if (s.Kind != Kind.Directory && s.Links > 1)
        {
            groups.TryAdd((s.Device, s.Inode), shown);
            text.Append($" links={s.Links} same={Escape(groups[(s.Device, s.Inode)])}");
        }

        text.Append(s.Kind switch
        {
            Kind.File => $" size={s.Size}{Content(path, s.Size, holes)}",
            Kind.Symlink => " -> " + Escape(Sys.ReadLink(path)),
            Kind.CharDevice or Kind.BlockDevice => $" rdev={s.DeviceMajor}:{s.DeviceMinor}",
            _ => string.Empty,
        });
        foreach (var (name, value) in Sys.Xattrs(path))
        {
            // XFS lists the ACLs a second time under its own name.
            if (!name.StartsWith("trusted.SGI_ACL_", StringComparison.Ordinal))
            {
                text.Append($" {Escape(name)}={value}");
            }
        }

        return text.ToString();
    }

    private static string Content(string path, long size, bool holes)
    {
        var fd = Sys.Open(path);
        try
        {
            var segments = new StringBuilder(" data=");
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            var buffer = new byte[1 << 17];
            // Reads only the data, so that gigabytes of holes cost nothing.
            for (long at = 0; at < size;)
            {
                var data = Libc.lseek(fd, at, SeekData);
                if (data < 0)
                {
                    break;
                }

                at = Libc.lseek(fd, data, SeekHole);
                segments.Append($"{data}-{at},");
                _ = Libc.lseek(fd, data, 0);
                for (var left = at - data; left > 0;)
                {
                    var n = (int)Libc.read(fd, buffer, (nint)Math.Min(left, buffer.Length));
                    Assert.True(n > 0, "short read of " + path);
                    // Skips blocks of zeros: unless holes are compared, a hole and zeros are the same content.
                    Add(hash, buffer.AsSpan(0, n), at - left);
                    left -= n;
                }
            }

            return $" sha={Convert.ToHexString(hash.GetHashAndReset())[..16]}{(holes ? segments : string.Empty)}";
        }
        finally
        {
            _ = Libc.close(fd);
        }
    }

    private static void Add(IncrementalHash hash, ReadOnlySpan<byte> data, long offset)
    {
        // Hashes aligned pieces with their offsets, so that the boundaries between segments do not matter.
        while (data.Length > 0)
        {
            var n = (int)Math.Min(4096 - (offset % 4096), data.Length);
            if (data[..n].IndexOfAnyExcept((byte)0) >= 0)
            {
                hash.AppendData(BitConverter.GetBytes(offset));
                hash.AppendData(data[..n]);
            }

            data = data[n..];
            offset += n;
        }
    }

    private static string Escape(string name) =>
        string.Concat(name.Select(c => c is > ' ' and < '\x7f' and not '\\' ? c.ToString() : $"\\x{(int)c:x2}"));
}
