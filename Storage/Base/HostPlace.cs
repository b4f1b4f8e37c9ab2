using System;
using Kvol.Native;
using Kvol.Storage.Values;

namespace Kvol.Storage.Base;

/// <summary>A name in a directory of the host that a command moves something from or to. The path to it has no symbolic links, so that
/// nobody can lead the command to another place.</summary>
internal sealed class HostPlace : IDisposable
{
    private HostPlace(Fd parent, ByteString name, string path) => (Parent, Name, Path) = (parent, name, path);

    public Fd Parent { get; }

    public ByteString Name { get; }

    /// <summary>Its path from the root on.</summary>
    public string Path { get; }

    /// <summary>Opens the directory that the name is in; an error (64, 66) if there is none, or if a link is on the way.</summary>
    public static HostPlace Open(string path)
    {
        if (path.Contains('\uFFFD', StringComparison.Ordinal))
        {
            throw new KvolException(ExitStatus.Usage, new ByteString(path).ToString(), "the directory must be a path in UTF-8");
        }

        var absolute = HostPath.Absolute(path).TrimEnd('/');
        if (absolute.Length == 0)
        {
            throw new KvolException(ExitStatus.Usage, "/", "is the root of this host, not a directory that can be moved");
        }

        var slash = absolute.LastIndexOf('/');
        var above = slash == 0 ? "/" : absolute[..slash];
        try
        {
            using var resolved = RootedPath.OpenResolved(new ByteString(above));
            return new HostPlace(Files.Reopen(resolved), new ByteString(absolute[(slash + 1)..]), absolute);
        }
        catch (NativeException e) when (e.Failure is Failure.NotFound or Failure.NotDirectory)
        {
            throw new KvolException(ExitStatus.NoInput, new ByteString(above).ToString(),
                e.Failure == Failure.NotFound ? "does not exist" : "is not a directory");
        }
        catch (NativeException e) when (e.Failure == Failure.Loop)
        {
            throw new KvolException(ExitStatus.Usage, new ByteString(absolute).ToString(),
                $"a symbolic link is on the way there; name the place itself: {Resolved(above, absolute[(slash + 1)..])}");
        }
        catch (NativeException e) when (e.Failure == Failure.NameTooLong)
        {
            throw new KvolException(ExitStatus.Usage, Shown.Word(absolute), "the path is too long");
        }
    }

    /// <summary>The path of what is at a path, links resolved; null if it cannot be reached.</summary>
    public static ByteString? Resolve(string path) => Look(path, Files.PathOf);

    /// <summary>What is seen of what is at a path, links followed; null if it cannot be reached.</summary>
    public static ByteString? Look(string path, Func<Fd, ByteString> look)
    {
        try
        {
            using var there = Files.OpenReference(new ByteString(path));
            return look(there);
        }
        catch (NativeException e) when (!e.IsWrongQuestion)
        {
            return null;
        }
    }

    /// <summary>The parent directory of a path that the administrator gave, links followed.</summary>
    public static Fd OpenParent(string path)
    {
        var absolute = HostPath.Absolute(path).TrimEnd('/');
        return Files.OpenDirectory(new ByteString(absolute.LastIndexOf('/') is > 0 and var slash ? absolute[..slash] : "/"));
    }

    /// <summary>The error (64) of a symbolic link in the place of a directory.</summary>
    public KvolException LinkError() => new(ExitStatus.Usage, new ByteString(Path).ToString(),
        $"is a symbolic link; name the directory itself{(Target() is { } target ? ": " + Shown.Quoted(target) : "")}");

    public void Dispose() => Parent.Dispose();

    private string? Target()
    {
        try
        {
            using var target = Files.OpenDirectory(new ByteString(Path));
            return Files.PathOf(target).Text;
        }
        catch (NativeException e) when (!e.IsWrongQuestion)
        {
            return null; // it leads nowhere
        }
    }

    private static string Resolved(string above, string name)
    {
        try
        {
            using var directory = Files.OpenDirectory(new ByteString(above));
            return Shown.Quoted($"{Files.PathOf(directory).Text.TrimEnd('/')}/{name}");
        }
        catch (NativeException e) when (!e.IsWrongQuestion)
        {
            return "realpath(1) shows it";
        }
    }
}
