using System;
using Kvol.Native;

namespace Kvol.Storage.Trees;

/// <summary>The one place that tells a loss from a failure. A loss is something that a file system cannot store; a copy or import reports
/// its path and continues. A failure ends the command: no space, a quota, a broken disk, a read-only file system.</summary>
internal static class Keeping
{
    /// <summary>Whether <paramref name="target"/> cannot store what it was given. An immutable or append-only object also fails with EPERM,
    /// but could store it, so that is not a loss.</summary>
    public static bool IsLoss(NativeException failure, Fd target) =>
        failure.CannotHold && !(failure.Failure == Failure.NotPermitted && target.IsOpen && Attributes.Protects(Attributes.Flags(target)));

    /// <summary>Whether metadata of a file cannot be read: it is too large (E2BIG, ERANGE), not readable (EOPNOTSUPP, EPERM), or gone since
    /// it was listed.</summary>
    public static bool IsUnreadable(NativeException failure) => failure.CannotHold || failure.Failure == Failure.NoData;

    /// <summary>Runs an action on an open target; if the target cannot store the result, passes the reason to <paramref name="lost"/>. True
    /// when the action succeeded.</summary>
    public static bool Try(Fd target, Action action, Action<string> lost)
    {
        try
        {
            action();
            return true;
        }
        catch (NativeException e) when (IsLoss(e, target))
        {
            lost(e.Reason);
            return false;
        }
    }

    /// <summary>A text that says why an ACL could not be stored; it names the ACL model of both sides.</summary>
    public static string AclReason(bool isNfs4, Fd target, string reason)
    {
        var had = Acls.Model(target) switch
        {
            AclKind.Nfs4 => "this file system has NFSv4 ACLs",
            AclKind.Access or AclKind.Default => "this file system has POSIX.1e ACLs",
            _ => "this file system has no ACLs",
        };
        return $"{(isNfs4 ? "NFSv4" : "POSIX.1e")} ACL: "
            + $"{(had.Contains(isNfs4 ? "NFSv4" : "POSIX", StringComparison.Ordinal) ? reason : had)}";
    }
}
