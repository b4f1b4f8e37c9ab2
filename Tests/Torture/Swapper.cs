using System;
using System.IO;
using Kvol.Tests.Support;

namespace Kvol.Tests.Torture;

/// <summary>A process that acts as root in a jail and swaps names there as fast as it can (swaps.c), until it is stopped.</summary>
internal sealed class Swapper : IDisposable
{
    private readonly string counter;
    private readonly Running process;

    public Swapper(Box box, string inside, params string[] operations)
    {
        counter = box.Top + "/counter";
        File.WriteAllBytes(counter, new byte[8]);
        process = new Running(Campaign.Build("swaps"), [counter, inside, .. operations]);
    }

    /// <summary>The number of swaps.</summary>
    public long Count
    {
        get
        {
            using var file = new FileStream(counter, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            var bytes = new byte[8];
            file.ReadExactly(bytes);
            return BitConverter.ToInt64(bytes);
        }
    }

    /// <summary>Stops it with everything back in its place.</summary>
    public long Stop()
    {
        process.Signal(15);
        process.Wait().Ok();
        return Count;
    }

    public void Dispose() => process.Dispose();
}
