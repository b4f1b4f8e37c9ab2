using System;
using Kvol.Native;

namespace Kvol.Storage.Trees;

/// <summary>The one place that tells what a file system cannot hold, which a copy or an import reports by path and goes on without, from a
/// failure, which ends the whole: no room, a quota, a broken disk, a read-only file system.</summary>
internal static class Keeping
{
    /// <summary>Whether <paramref name="target"/> cannot hold what it was given. EPERM says that as well of an immutable or append-only
    /// object, which could hold it, so that is no loss.</summary>
    public static bool IsLoss(NativeException failure, Fd target) =>
        failure.CannotHold && !(failure.Failure == Failure.NotPermitted && target.IsOpen && Attributes.Protects(Attributes.Flags(target)));

    /// <summary>Whether what was to be read of a file cannot be had from it: too much of it (E2BIG, ERANGE), not told (EOPNOTSUPP, EPERM),
    /// or gone since it was listed.</summary>
    public static bool IsUnreadable(NativeException failure) => failure.CannotHold || failure.Failure == Failure.NoData;

    /// <summary>Does something to an open target; where it cannot hold that, gives the reason to <paramref name="lost"/>. True when it was
    /// done.</summary>
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

    /// <summary>Why a list was not taken, in words that name the model of both sides.</summary>
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
