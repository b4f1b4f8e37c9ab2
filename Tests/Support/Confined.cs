using System;
using System.IO;
using System.Runtime.CompilerServices;
using System.Threading;

namespace Kvol.Tests.Support;

/// <summary>Runs confined.c: processes that keep a volume mounted where this process does not see it, and kvol on a kernel without some
/// system calls.</summary>
internal static class Confined
{
    private static readonly Lazy<string> Program = new(() => Compile());

    /// <summary>Keeps a directory mounted out of sight until the end of the test. The place is one of: namespace, chroot, thread, user,
    /// lazy, descriptor.</summary>
    public static Running Start(Box box, string place, string source, string target, string directory)
    {
        var ready = box.MakeDir($"ready-{place}");
        var child = new Running(Program.Value, [place, source, target, directory, ready]);
        while (!File.Exists(ready + "/ready"))
        {
            if (child.HasExited)
            {
                throw new InvalidOperationException(child.Wait().Err);
            }

            Thread.Sleep(5);
        }

        return child;
    }

    /// <summary>Runs kvol with listmount(2) and statmount(2) failing with ENOSYS.</summary>
    public static Result RunOld(Box box, params string[] arguments)
    {
        using var child = new Running(Program.Value, ["old", Box.Binary, .. arguments], box.Environment, box.Top);
        return child.Wait();
    }

    private static string Compile([CallerFilePath] string here = "")
    {
        var program = Disks.On("tmpfs") + "/confined";
        Tool.Run("gcc", "-O1", "-Wall", "-Wextra", "-Werror", "-pthread", "-o", program,
            Path.ChangeExtension(here, null).Replace("Confined", "confined", StringComparison.Ordinal) + ".c");
        return program;
    }
}
