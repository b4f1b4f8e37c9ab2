using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using Kvol.Native;

namespace Kvol.Storage.Trees;

/// <summary>Flags that forbid changes and that a new tree does not have yet: those of its top directory and of that directory's entries.
/// The caller sets them when the entries are in their final directory: nothing with such a flag can be moved, and above securelevel 0 no
/// flag can be cleared to move it.</summary>
internal sealed class HeldFlags
{
    private readonly Lock gate = new();
    private readonly List<(ByteString Name, int Flags)> entries = [];

    /// <summary>Those of the top directory.</summary>
    public int Top { get; set; }

    /// <summary>Those of its entries, by name.</summary>
    public IReadOnlyList<(ByteString Name, int Flags)> Entries => entries;

    /// <summary>Remembers the flags of an entry of the top directory.</summary>
    public void Add(ByteString name, int flags)
    {
        lock (gate)
        {
            entries.Add((name, flags));
        }
    }

    /// <summary>Takes over flags that forbid changes where they belong to an entry of the top directory; an empty name means the directory
    /// itself. False: the caller sets them.</summary>
    public bool Take(DirectoryNode directory, CName name, int flags)
    {
        var parent = name.Bytes.IsEmpty ? directory.Parent : directory;
        if (parent is not { Parent: null } || !Attributes.Protects(flags))
        {
            return false;
        }

        Add(name.Bytes.IsEmpty ? directory.Name : name.Keep(), flags);
        return true;
    }

    /// <summary>Sets the flags of the entries, which are in this directory now; returns a line for each that could not be set. Setting them
    /// again changes nothing.</summary>
    public IReadOnlyList<string> SetIn(Fd directory)
    {
        var lost = new List<string>();
        foreach (var (name, flags) in entries)
        {
            try
            {
                Attributes.AddFlags(directory, name, flags);
            }
            catch (NativeException e)
                when (e.Failure is Failure.NotPermitted or Failure.NotSupported or Failure.Invalid or Failure.NotFound)
            {
                lost.Add($"{name}: file flags: {e.Reason}");
            }
        }

        return [.. lost.Order(StringComparer.Ordinal)];
    }
}
