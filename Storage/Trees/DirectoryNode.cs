using System.Collections.Generic;
using System.Linq;
using Kvol.Native;

namespace Kvol.Storage.Trees;

/// <summary>A directory that is being copied. The scheduler says which fields change under its lock.</summary>
internal sealed class DirectoryNode(DirectoryNode? parent, ByteString name)
{
    public DirectoryNode? Parent { get; } = parent;

    public ByteString Name { get; } = name;

    /// <summary>Open while entries are read or children wait to be opened, unless descriptors are short.</summary>
    public Fd Source { get; set; } = Fd.None;

    /// <inheritdoc cref="Source"/>
    public Fd Target { get; set; } = Fd.None;

    /// <summary>As it was before its first entry was read.</summary>
    public FileStatus Status { get; set; }

    /// <summary>Identifies the target directory that was made for it.</summary>
    public FilePlace TargetPlace { get; set; }

    /// <summary>Set on the target once the children are done; read at the start, so that the source need not be opened again.</summary>
    public List<(ByteString Name, byte[] Value)>? Attributes { get; set; }

    /// <inheritdoc cref="Attributes"/>
    public Acl? Acl { get; set; }

    public int Flags { get; set; }

    /// <summary>Workers that use the descriptors at this moment.</summary>
    public int Users { get; set; }

    /// <summary>Child directories that no worker has opened yet.</summary>
    public int Unopened { get; set; }

    /// <summary>Child directories that are not complete.</summary>
    public int Pending { get; set; }

    /// <summary>The directories from below the top directory down to this one.</summary>
    public Stack<DirectoryNode> Way()
    {
        var way = new Stack<DirectoryNode>();
        for (var node = this; node.Parent is not null; node = node.Parent)
        {
            way.Push(node);
        }

        return way;
    }

    /// <summary>The path of an entry relative to the top directory, for people; an empty name means the directory itself.</summary>
    public string PathOf(CName entry)
    {
        var path = string.Join('/', Way().Select(n => n.Name.ToString()));
        var last = entry.ToString();
        return path.Length == 0 ? (last.Length == 0 ? "." : last) : last.Length == 0 ? path : path + "/" + last;
    }
}
