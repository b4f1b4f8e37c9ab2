using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;

namespace Kvol.Storage.Archives;

/// <summary>A database of bbolt, in which Docker and podman keep what they know of volumes: pages of a B+tree, and buckets, each with a
/// tree of its own (page.go, node.go and bucket.go of go.etcd.io/bbolt). Reads only; all numbers are those of a little-endian
/// host.</summary>
internal sealed class BoltFile
{
    private const int PageHeader = 16, Element = 16, BucketHeader = 16, MetaLength = 64, DeepestTree = 32;
    private const uint Magic = 0xED0CDAED, Version = 2, BucketFlag = 1;
    private const ushort Branch = 1, Leaf = 2;

    private readonly ForeignBytes file;
    private readonly uint pageSize;
    private readonly ulong root;

    private BoltFile(ForeignBytes file, uint pageSize, ulong root) => (this.file, this.pageSize, this.root) = (file, pageSize, root);

    /// <summary>One key of a bucket: <paramref name="Value"/> is its value, or the bucket of that name.</summary>
    internal sealed record Entry(string Key, ReadOnlyMemory<byte> Value, bool IsBucket);

    /// <summary>Reads the header; an error (65) if neither of its two copies is whole.</summary>
    public static BoltFile Open(ForeignBytes file)
    {
        // The second copy follows the first page, whose size only the first copy tells; a page has at most 64 KiB.
        var newest = Enumerable.Range(0, 7).Select(i => 1024u << i).Prepend(0u).Where(at => IsMeta(file, at + PageHeader))
            .Select(at => at + PageHeader).OrderBy(at => file.U64(at + 48)).ToArray();
        return newest.Length == 0 ? throw file.Damaged()
            : new BoltFile(file, file.U32(newest[^1] + 8), file.U64(newest[^1] + 16));
    }

    /// <summary>What a bucket holds, in the order of its keys; empty if there is no such bucket.</summary>
    public IReadOnlyList<Entry> Entries(params string[] buckets)
    {
        var entries = Read(root, null);
        foreach (var name in buckets)
        {
            if (entries.FirstOrDefault(e => e.IsBucket && e.Key == name) is not { } found)
            {
                return [];
            }

            // A small bucket has no page of its own: its only one follows its header.
            var bucket = file.Inside(found.Value);
            entries = Read(bucket.U64(0), bucket);
        }

        return entries;
    }

    private List<Entry> Read(ulong first, ForeignBytes? bucket)
    {
        var found = new List<Entry>();
        var left = file.Length / PageHeader; // pages that point at each other must not be read for ever
        Page(first == 0 && bucket is not null ? bucket.PartFrom(BucketHeader) : PageOf(first), 0);
        return found;

        void Page(ForeignBytes page, int depth)
        {
            if (depth > DeepestTree || --left < 0)
            {
                throw file.Damaged();
            }

            var (flags, count) = (page.U16(8), page.U16(10));
            for (var i = 0; i < count; i++)
            {
                var at = PageHeader + ((long)i * Element);
                if (flags == Branch)
                {
                    Page(PageOf(page.U64(at + 8)), depth + 1);
                }
                else if (flags == Leaf)
                {
                    var (start, length) = (at + page.U32(at + 4), page.U32(at + 8));
                    found.Add(new Entry(Encoding.UTF8.GetString(page.Slice(start, length).Span),
                        page.Slice(start + length, page.U32(at + 12)), (page.U32(at) & BucketFlag) != 0));
                }
                else
                {
                    throw file.Damaged();
                }
            }
        }
    }

    private ForeignBytes PageOf(ulong number)
    {
        var at = number <= (ulong)(file.Length / pageSize) ? (long)number * pageSize : throw file.Damaged();
        return file.Part(at, (1L + file.U32(at + 12)) * pageSize);
    }

    private static bool IsMeta(ForeignBytes file, long at)
    {
        if (at + MetaLength > file.Length || file.U32(at) != Magic || file.U32(at + 4) != Version || file.U32(at + 8) is 0 or > 1 << 16)
        {
            return false;
        }

        var sum = 14695981039346656037; // FNV-1a of what precedes it
        foreach (var b in file.Slice(at, MetaLength - 8).Span)
        {
            sum = (sum ^ b) * 1099511628211;
        }

        return sum == file.U64(at + MetaLength - 8);
    }
}
