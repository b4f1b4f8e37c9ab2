using System;

namespace Kvol.Native;

/// <summary>A name for one call: bytes whose only NUL is the last one, so that the kernel reads the same name as kvol.</summary>
internal readonly ref struct CName
{
    private CName(ReadOnlySpan<byte> terminated) => Terminated = terminated;

    /// <summary>The empty name: it means the open object itself, in calls that take a descriptor and a name.</summary>
    public static CName Empty => new("\0"u8);

    /// <summary>The bytes with their terminator.</summary>
    public ReadOnlySpan<byte> Terminated { get; }

    /// <summary>The bytes without the terminator.</summary>
    public ReadOnlySpan<byte> Bytes => Terminated[..^1];

    /// <summary>Takes all of these bytes as the name; the last one is its NUL. <see cref="Failure.Invalid"/> where another NUL would cut it
    /// short.</summary>
    public static CName Of(ReadOnlySpan<byte> terminated) => terminated.IndexOf((byte)0) == terminated.Length - 1 && terminated.Length > 0
        ? new(terminated)
        : throw new NativeException("name", ByteString.Display(terminated.TrimEnd((byte)0)), Errno.EINVAL,
            "no file can have a name with a NUL in it");

    /// <summary>The name at the start of these bytes, up to its NUL, which they must contain.</summary>
    public static CName First(ReadOnlySpan<byte> bytes) => bytes.IndexOf((byte)0) is >= 0 and var end
        ? new(bytes[..(end + 1)])
        : throw new ArgumentException("no NUL ends the name");

    /// <summary>A copy that outlives the call.</summary>
    public ByteString Keep() => new(Bytes);

    public override string ToString() => ByteString.Display(Bytes);
}
