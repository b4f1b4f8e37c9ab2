using System.IO;

namespace Kvol.Native;

/// <summary>What a failed call means, whatever its number on this system.</summary>
internal enum Failure
{
    Other, NotFound, Exists, NotDirectory, IsDirectory, Busy, NotPermitted, NoSpace, ReadOnly, NotSupported, CrossDevice, Loop,
    NameTooLong, NotEmpty, Invalid, TooManyFiles, WouldBlock, NoData, NoCall, BadDescriptor, BrokenPipe, Range, Gone,
    NoLibrary, NoDevice, TooBig, WrongType, TextBusy, NotSeekable, Broken, NoProc, Overflow, Stale,
}

/// <summary>A failed system call: the call, its subject, the errno, and the kernel's own text if it gave any.</summary>
internal sealed class NativeException(string call, string subject, int errno, string? text = null)
    : IOException($"{subject}: {text ?? Errno.Text(errno)} ({call})", errno)
{
    /// <summary>The function that failed.</summary>
    public string Call { get; } = call;

    public string Subject { get; } = subject;

    /// <summary>The reason alone, as the system words it.</summary>
    public string Reason { get; } = text ?? Errno.Text(errno);

    public Failure Failure { get; private init; } = Errno.Meaning(errno);

    /// <summary>Whether the failure means that this file system cannot store what it was given (<see cref="Errno.CannotHold"/>): a copy
    /// then continues without it and reports that. Any other failure, such as a full or broken disk, ends the copy.</summary>
    public bool CannotHold { get; } = Errno.CannotHold(errno);

    /// <summary>Whether a file has as many names as its file system allows: EMLINK of link(2).</summary>
    public bool IsLinkLimit { get; } = errno == Errno.EMLINK && call == "linkat";

    /// <summary>Whether the failure means that kvol made a wrong call (EBADF, EFAULT, EINVAL); it then says nothing about the subject.
    /// Callers that can continue without an answer must still let this failure propagate.</summary>
    public bool IsWrongQuestion { get; } = Errno.IsWrongQuestion(errno);

    /// <summary>The same failure for a subject whose path begins at a detached directory; <paramref name="top"/> is that directory's
    /// path.</summary>
    public NativeException Below(string top) => new(Call, $"{top.TrimEnd('/')}/{Subject.TrimStart('/')}", HResult, Reason);

    /// <summary>The same failure of a subject with a name that people know.</summary>
    public NativeException Of(string name) => new(Call, name, HResult, Reason);

    /// <summary>On Linux, proc(5) is not mounted, so the kernel tells nothing about descriptors, mounts and processes.</summary>
    public static NativeException NoProc(NativeException cause) =>
        new(cause.Call, "/proc", cause.HResult, "proc is not mounted") { Failure = Failure.NoProc };

    /// <summary>A library that is not on this system.</summary>
    public static NativeException NoLibrary(string library) =>
        new("dlopen", library, 0, "the library is not there") { Failure = Failure.NoLibrary };
}
