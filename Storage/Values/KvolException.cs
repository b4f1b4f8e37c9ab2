using System;

namespace Kvol.Storage.Values;

/// <summary>How kvol ends: sysexits(3).</summary>
internal enum ExitStatus
{
    Done = 0, SomeFailed = 1, Different = 2, Usage = 64, Damaged = 65, NoInput = 66, Unavailable = 69, Internal = 70, SystemError = 71,
    CannotCreate = 73, Busy = 75,
    NotPermitted = 77, Configuration = 78,
}

/// <summary>An error that the user can understand and act on: shown as one line without a stack. An unexpected error has another
/// type.</summary>
internal sealed class KvolException(ExitStatus status, string subject, string reason) : Exception($"{subject}: {reason}")
{
    public ExitStatus Status { get; } = status;

    /// <summary>What is wrong, without the subject.</summary>
    public string Reason { get; } = reason;

    /// <summary>The same error of a command that works on several things, named by the one that failed.</summary>
    public KvolException Of(string name) => subject == name ? this : new(Status, name, Message);

    /// <summary>The same error with a remedy, which only the caller knows.</summary>
    public KvolException With(string wayOut) => new(Status, subject, $"{Reason}; {wayOut}");
}
