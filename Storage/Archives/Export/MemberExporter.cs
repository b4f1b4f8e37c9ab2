using System;
using System.Collections.Generic;
using Kvol.Native;
using Kvol.Storage.Values;

namespace Kvol.Storage.Archives;

/// <summary>Writes one entry of a tree into an archive. The length in the header must stay true, even if the file changes
/// concurrently.</summary>
/// <param name="first">The first name of each file that has several; null: this exporter only prepares entries for another one, which knows
/// the order.</param>
/// <param name="isStill">Whether nothing can change what is read.</param>
internal sealed class MemberExporter(ArchiveOutput output, CopyReport report, bool isStill, Action checkInterrupt,
    Dictionary<FileIdentity, ByteString>? first)
{
    // Bytes between two checks for an interrupt, and the most in one read.
    private const int Piece = 256 * 1024;

    // The longest file that is prepared in memory, and the most bytes of all such files together.
    private const int LargestReady = 64 * 1024, MostReady = 1 << 20;

    private readonly TarWriter writer = new(output);
    private readonly AttributeReader attributes = new(report);

    /// <summary>Where it writes to.</summary>
    public ArchiveOutput Output
    {
        get => writer.Output;
        set => writer.Output = value;
    }

    /// <summary>Whether something changed while it was read.</summary>
    public bool SawChange { get; private set; }

    /// <summary>Reports a change that the archive may contain only in part.</summary>
    public void Changed(string path, string how)
    {
        SawChange = true;
        report.Lost(path, how);
    }

    public void WriteDirectory(Fd directory, ByteString path, in FileStatus status) =>
        writer.Header(attributes.Read(directory, CName.Empty, Describe(path, TarKind.Directory, status)), 0);

    /// <summary>Writes an entry that is not a directory. False when the exporter that writes in order must write it.</summary>
    public bool Write(Fd directory, ByteString parent, ByteString name, FileKind kind, ulong mount)
    {
        checkInterrupt();
        if (first is null && Output.Count > MostReady)
        {
            return false;
        }

        ByteString path = new([.. parent.Bytes, .. name.Bytes]);
        if (path.Length > TarLimits.Name)
        {
            report.Lost(CopyReport.Shorten(path), TreeExporter.TooDeep);
            return true;
        }

        var file = Fd.None;
        try
        {
            file = kind == FileKind.Regular ? Files.OpenRead(directory, name) : Fd.None;
            var status = file.IsOpen ? Files.Status(file) : Files.Status(directory, name);
            if (!file.IsOpen && status.Kind == FileKind.Regular)
            {
                file = Files.OpenRead(directory, name);
                status = Files.Status(file);
            }

            if (status.IsDirectory || (file.IsOpen && status.Kind != FileKind.Regular))
            {
                Changed(path.ToString(), "changed its type while the volume was being read");
            }
            else if (status.MountId != mount)
            {
                report.Lost(path.ToString(), "skipped: something is mounted here");
            }
            else if (status.Kind is FileKind.Socket or FileKind.Unknown)
            {
                report.Lost(path.ToString(),
                    $"skipped: tar cannot store {(status.Kind == FileKind.Socket ? "sockets" : "files of this type")}");
            }
            else
            {
                return Write(directory, name, path, file, status);
            }
        }
        catch (NativeException e) when (e.Failure is Failure.NotFound or Failure.Loop)
        {
            Changed(path.ToString(), "vanished while the volume was being read");
        }
        finally
        {
            file.Dispose();
        }

        return true;
    }

    private bool Write(Fd directory, ByteString name, ByteString path, Fd file, in FileStatus status)
    {
        if (first is null && (status.Links > 1 || (file.IsOpen && status.Size > LargestReady)))
        {
            return false;
        }

        report.CountFile();
        if (status.Links > 1 && !first!.TryAdd(status.Identity, path))
        {
            writer.Header(Describe(path, TarKind.HardLink, status) with { Target = first[status.Identity] }, 0);
            return true;
        }

        if (file.IsOpen)
        {
            WriteFile(attributes.Read(file, CName.Empty, Describe(path, TarKind.Regular, status)), file, status);
            return true;
        }

        var kind = status.Kind switch
        {
            FileKind.SymbolicLink => TarKind.SymbolicLink,
            FileKind.CharacterDevice => TarKind.CharacterDevice,
            FileKind.BlockDevice => TarKind.BlockDevice,
            _ => TarKind.Fifo,
        };
        var entry = Describe(path, kind, status) with
        {
            Target = kind == TarKind.SymbolicLink ? Files.ReadSymbolicLink(directory, name) : null,
            DeviceMajor = kind is TarKind.CharacterDevice or TarKind.BlockDevice ? DeviceNumber.Major(status.RawDevice) : 0,
            DeviceMinor = kind is TarKind.CharacterDevice or TarKind.BlockDevice ? DeviceNumber.Minor(status.RawDevice) : 0,
        };
        writer.Header(attributes.Read(directory, name, entry), 0);
        return true;
    }

    private void WriteFile(TarEntry entry, Fd file, in FileStatus status)
    {
        var extents = Extents(file, status);
        if (extents?.Count == TarLimits.Extents)
        {
            report.Lost(entry.Path.ToString(), $"has more than {TarLimits.Extents - 1} holes: those after are filled");
        }

        var stored = status.Size;
        var isWhole = true;
        if (extents is null)
        {
            writer.Header(entry, stored);
            isWhole = WriteData(file, new Extent(0, stored));
        }
        else
        {
            entry = entry with { Extents = extents };
            stored = 0;
            extents.ForEach(e => stored += e.Length);
            writer.Header(entry, stored);
            extents.ForEach(e => isWhole &= WriteData(file, e));
        }

        writer.Pad(stored);
        if (isStill)
        {
            return;
        }

        var after = Files.Status(file);
        if (!isWhole || after.ModifyTime != status.ModifyTime || after.Size != status.Size)
        {
            Changed(entry.Path.ToString(), isWhole ? "changed while it was being read"
                : "was shortened while it was being read: its end is zeros");
        }
    }

    private bool WriteData(Fd file, Extent extent)
    {
        for (long offset = extent.Offset, end = extent.Offset + extent.Length; offset < end;)
        {
            var wanted = (int)Math.Min(end - offset, Piece);
            var n = Content.Read(file, Output.Room(wanted)[..wanted], offset);
            if (n == 0)
            {
                Output.WriteZeros(end - offset);
                return false;
            }

            Output.Advance(n);
            report.CountBytes(n);
            offset += n;
            if (offset < end)
            {
                checkInterrupt();
            }
        }

        return true;
    }

    /// <summary>The pieces of a file that are data, or null when it has no holes. An empty piece at the end marks a hole there.</summary>
    private static List<Extent>? Extents(Fd file, in FileStatus status)
    {
        if (status.Size == 0 || !status.HasHoles)
        {
            return null;
        }

        var extents = new List<Extent>();
        long end = 0;
        for (var start = Content.NextData(file, 0); start >= 0 && start < status.Size; start = Content.NextData(file, end))
        {
            var hole = Content.NextHole(file, start);
            // the file may have been shortened concurrently
            end = hole < 0 || extents.Count == TarLimits.Extents - 1 ? status.Size : Math.Min(hole, status.Size);
            extents.Add(new Extent(start, end - start));
        }

        if (extents is [{ Offset: 0 } only] && only.Length == status.Size)
        {
            return null;
        }

        if (end < status.Size)
        {
            extents.Add(new Extent(status.Size, 0));
        }

        return extents;
    }

    private static TarEntry Describe(ByteString path, TarKind kind, in FileStatus status) => new()
    {
        Path = path,
        Kind = kind,
        Mode = status.Mode,
        Uid = status.Uid,
        Gid = status.Gid,
        Size = status.Size,
        ModifyTime = status.ModifyTime,
        AccessTime = status.AccessTime,
    };
}
