using System;
using System.Collections.Generic;
using System.Linq;
using Kvol.Storage.Base;
using Kvol.Storage.Stores;
using Kvol.Storage.Values;

namespace Kvol.Storage.Verbs;

/// <summary>The locks of the volumes of one command, taken by name after that of the root directory, so that two commands never wait for
/// each other.</summary>
internal sealed class VolumeLocks : IDisposable
{
    private readonly Stack<IDisposable> held = new();

    public VolumeLocks(IVolumeStore? store, IEnumerable<MountSpec> specs, Context context)
    {
        try
        {
            foreach (var name in specs.Select(s => s.Volume).OfType<VolumeName>().DistinctBy(n => n.Text)
                .OrderBy(n => n.Text, StringComparer.Ordinal))
            {
                held.Push(store?.Lock(name, context) ?? throw NoSuchVolume(name));
            }
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>The error (66) of a volume that is not there and must not be made.</summary>
    public static KvolException NoSuchVolume(VolumeName name) =>
        new(ExitStatus.NoInput, name.Text, $"no such volume, and nocreate was given (or autocreate is off); 'kvol create {name}' makes it");

    public void Dispose()
    {
        while (held.TryPop(out var one))
        {
            one.Dispose();
        }
    }
}
