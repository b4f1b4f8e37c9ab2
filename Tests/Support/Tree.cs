using System;
using System.Linq;
using System.Text;
using Kvol.Storage.Values;

namespace Kvol.Tests.Support;

/// <summary>One step in making a tree; paths are relative to its top, and "" is the top itself.</summary>
internal abstract record Step(string Path)
{
    public abstract void Apply(string at);
}

internal sealed record Dir(string Path, int Mode = 0b111_101_101) : Step(Path)
{
    public override void Apply(string at) => Sys.Mkdir(at, Mode);
}

internal sealed record Text(string Path, string Content = "text\n", int Mode = 0b110_100_100) : Step(Path)
{
    public override void Apply(string at)
    {
        Sys.Write(at, Encoding.Latin1.GetBytes(Content));
        Sys.Chmod(at, Mode);
    }
}

internal sealed record Noise(string Path, int Size, int Seed = 1) : Step(Path)
{
    public override void Apply(string at)
    {
        var bytes = new byte[Size];
        new Random(Seed).NextBytes(bytes);
        Sys.Write(at, bytes);
    }
}

/// <summary>A file of the given length with one piece of data at an offset and holes elsewhere.</summary>
internal sealed record Sparse(string Path, long Length, long Offset, int Data) : Step(Path)
{
    public override void Apply(string at) => Sys.Write(at, [.. Enumerable.Repeat((byte)'s', Data)], Offset, Length);
}

internal sealed record HardLink(string Path, string To) : Step(Path)
{
    public override void Apply(string at) => Sys.Link(at[..^Path.Length] + To, at);
}

internal sealed record Link(string Path, string Target) : Step(Path)
{
    public override void Apply(string at) => Sys.Symlink(Target, at);
}

internal sealed record Special(string Path, Kind Kind, int Mode = 0b110_100_100, uint Major = 0, uint Minor = 0) : Step(Path)
{
    public override void Apply(string at)
    {
        Sys.Mknod(at, Kind, Mode, ((ulong)Major << 8) | Minor);
        Sys.Chmod(at, Mode);
    }
}

internal sealed record Xattr(string Path, string Name, string Value) : Step(Path)
{
    public override void Apply(string at) => Sys.SetXattr(at, Name, Encoding.Latin1.GetBytes(Value));
}

internal sealed record Acl(string Path, params string[] Arguments) : Step(Path)
{
    public override void Apply(string at) => Tool.Run("setfacl", [.. Arguments, at]);
}

internal sealed record Times(string Path, long Seconds, long Nanos) : Step(Path)
{
    public override void Apply(string at) => Sys.Touch(at, Seconds, Nanos);
}

internal sealed record Owner(string Path, uint Uid, uint Gid) : Step(Path)
{
    public override void Apply(string at) => Sys.Chown(at, Uid, Gid);
}

internal sealed record Mode(string Path, int Bits) : Step(Path)
{
    public override void Apply(string at) => Sys.Chmod(at, Bits);
}

/// <summary>A tree is a value: the steps that make it, in order.</summary>
internal sealed record Tree(params Step[] Steps)
{
    public void Build(string top)
    {
        if (!Sys.Exists(top))
        {
            Sys.Mkdir(top);
        }

        foreach (var step in Steps)
        {
            step.Apply(step.Path.Length == 0 ? top : top + "/" + step.Path);
        }
    }

    public Tree And(params Step[] more) => new([.. Steps, .. more]);

    /// <summary>A chain of directories far deeper than PATH_MAX, each created through the descriptor of its parent.</summary>
    public static void BuildDeep(string top, int levels)
    {
        var fd = Sys.Open(top);
        for (var i = 0; i < levels; i++)
        {
            Sys.Mkdir($"/proc/self/fd/{fd}/deep");
            var next = Sys.Open($"/proc/self/fd/{fd}/deep");
            _ = Libc.close(fd);
            fd = next;
        }

        Sys.Write($"/proc/self/fd/{fd}/bottom", "bottom"u8.ToArray());
        _ = Libc.close(fd);
    }
}
