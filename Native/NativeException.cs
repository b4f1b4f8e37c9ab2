using System.IO;

namespace Kvol.Native;

/// <summary>What a failed call means, whatever its number on this system.</summary>
internal enum Failure
{
    Other, NotFound, Exists, NotDirectory, IsDirectory, Busy, NotPermitted, NoSpace, ReadOnly, NotSupported, CrossDevice, Loop,
    NameTooLong, NotEmpty, Invalid, TooManyFiles, WouldBlock, NoData, NoCall, BadDescriptor, BrokenPipe, Range, Gone,
    NoLibrary, NoDevice, TooBig, WrongType, TextBusy,
}

/// <summary>A failed system call: the call, what it was about, the errno, and the kernel's own words if it had any.</summary>
internal sealed class NativeException(string call, string subject, int errno, string? text = null)
    : IOException($"{subject}: {text ?? Errno.Text(errno)} ({call})", errno)
{
    /// <summary>The function that failed.</summary>
    public string Call { get; } = call;

    public string Subject { get; } = subject;

    /// <summary>The reason alone, as the system words it.</summary>
    public string Reason { get; } = text ?? Errno.Text(errno);

    public Failure Failure { get; private init; } = Errno.Meaning(errno);

    /// <summary>A library that is not on this system.</summary>
    public static NativeException NoLibrary(string library) => new("dlopen", library, 0, "the library is not there") { Failure = Failure.NoLibrary };
}
