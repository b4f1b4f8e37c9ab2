using System;
using System.Linq;
using Kvol.Native;
using Kvol.Storage.Archives;
using Kvol.Storage.Base;
using Kvol.Storage.Mounts;
using Kvol.Storage.Values;

namespace Kvol.Storage.Verbs;

/// <summary><c>kvol oci poststop</c>: ends the hold of a container that has ended.</summary>
internal static class Poststopping
{
    /// <summary>Reads a container's state from standard input; what is held no longer, or null if nothing was. Runtimes run this also after
    /// a start that failed.</summary>
    public static Hold? Run(Context context)
    {
        using var input = InputFile.Open(null);
        var state = OciDocument.Parse(input.ReadAll(context), input.Subject);
        var id = IdIn(state) ?? (state.Bundle is { Length: > 0 } bundle && ConfigOf(bundle) is { } config ? IdIn(config) : null);
        return id is null ? null : Holds.Release(context, Holder.Parse(Holder.Oci, id));
    }

    private static string? IdIn(OciDocument document) => document.Annotations.FirstOrDefault(a => a.Key == Precreating.HoldKey).Value;

    // Not every runtime has the annotations in the state.
    private static OciDocument? ConfigOf(string bundle)
    {
        const string Name = "config.json";
        try
        {
            using var directory = Files.OpenDirectory(new ByteString(HostPath.Absolute(bundle)));
            return SmallFile.Find(directory, new ByteString(Name)) is { } text
                ? OciDocument.Parse(text, $"{Files.PathOf(directory)}/{Name}") : null;
        }
        catch (NativeException e) when (e.Failure is Failure.NotFound or Failure.NotDirectory)
        {
            return null; // the container's manager has removed it
        }
        catch (NativeException e) when (e.Failure is Failure.IsDirectory or Failure.Loop or Failure.NoDevice or Failure.WouldBlock
            or Failure.TooBig)
        {
            throw new KvolException(ExitStatus.Damaged, $"{new ByteString(bundle)}/{Name}",
                e.Failure == Failure.TooBig ? "is larger than 16 MiB" : "is not a regular file");
        }
    }
}
