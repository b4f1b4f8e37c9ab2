using System.Collections.Generic;
using Kvol.Native;
using Kvol.Storage.Values;

namespace Kvol.Storage.Archives;

/// <summary>What a member of a tar archive is.</summary>
internal enum TarKind
{
    Regular, HardLink, SymbolicLink, CharacterDevice, BlockDevice, Directory, Fifo, Unknown,
}

/// <summary>One member of a tar archive, without its content.</summary>
internal sealed record TarEntry
{
    /// <summary>The name as the archive has it.</summary>
    public required ByteString Path { get; init; }

    public required TarKind Kind { get; init; }

    /// <summary>Where a link leads; for a hard link, a name of the archive.</summary>
    public ByteString? Target { get; init; }

    /// <summary>Permission, set-id and sticky bits.</summary>
    public uint Mode { get; init; }

    public uint Uid { get; init; }

    public uint Gid { get; init; }

    /// <summary>Length of the file, holes included.</summary>
    public long Size { get; init; }

    public FileTime ModifyTime { get; init; }

    /// <summary>Null: not told.</summary>
    public FileTime? AccessTime { get; init; }

    /// <inheritdoc cref="AccessTime"/>
    public FileTime? BirthTime { get; init; }

    public uint DeviceMajor { get; init; }

    public uint DeviceMinor { get; init; }

    /// <summary>The data of a file with holes, until the next member is read; null: all of it is data.</summary>
    public IReadOnlyList<Extent>? Extents { get; init; }

    /// <summary>Bytes of its headers, about what it takes in memory.</summary>
    public int HeaderBytes { get; init; }

    public IReadOnlyList<(ByteString Name, byte[] Value)> Attributes { get; init; } = [];

    public IReadOnlyList<(AclKind Kind, string Text)> Acls { get; init; } = [];

    /// <summary>Words of chflags(1).</summary>
    public string? Flags { get; init; }

    /// <summary>Why it cannot be imported, or null.</summary>
    public string? Refusal { get; init; }
}
