using System.IO;

namespace Kvol.Native;

/// <summary>What a failed call means, whatever its number on this system.</summary>
internal enum Failure
{
    Other, NotFound, Exists, NotDirectory, IsDirectory, Busy, NotPermitted, NoSpace, ReadOnly, NotSupported, CrossDevice, Loop,
    NameTooLong, NotEmpty, Invalid, TooManyFiles, WouldBlock, NoData, NoCall, BadDescriptor, BrokenPipe, Range, Gone,
    NoLibrary, NoDevice, TooBig, WrongType, TextBusy, NotSeekable,
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

    /// <summary>Whether the failure says that this file system cannot hold what it was given (<see cref="Errno.CannotHold"/>): a copy goes
    /// on without it and reports that. Every other failure, a full disk or a broken one, ends the whole.</summary>
    public bool CannotHold { get; } = Errno.CannotHold(errno);

    /// <summary>Whether the failure says that kvol asked wrongly (EBADF, EFAULT, EINVAL): of what was asked about it says nothing. Who goes
    /// on without an answer lets it pass.</summary>
    public bool IsWrongQuestion { get; } = Errno.IsWrongQuestion(errno);

    /// <summary>The same of a subject whose path begins at a directory without a place of its own, which <paramref name="top"/> is the path
    /// of.</summary>
    public NativeException Below(string top) => new(Call, $"{top.TrimEnd('/')}/{Subject.TrimStart('/')}", HResult, Reason);

    /// <summary>A library that is not on this system.</summary>
    public static NativeException NoLibrary(string library) =>
        new("dlopen", library, 0, "the library is not there") { Failure = Failure.NoLibrary };
}
