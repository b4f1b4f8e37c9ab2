using System;

namespace Kvol.Native;

/// <summary>A file descriptor, close-on-exec. Its owner holds it in a <c>using</c>: no finalizer and no allocation,
/// because a seeding opens two for every file.</summary>
internal readonly struct Fd(int number) : IDisposable
{
    /// <summary>No descriptor; closing it does nothing.</summary>
    public static readonly Fd None = new(-1);

    /// <summary>The number, or -1.</summary>
    public int Number { get; } = number;

    /// <summary>Whether there is a descriptor.</summary>
    public bool IsOpen => Number >= 0;

    /// <summary>close(2). Its errors are ignored, because kvol syncs what must be durable.</summary>
    public void Dispose()
    {
        if (Number >= 0)
        {
            Files.Close(this);
        }
    }
}
