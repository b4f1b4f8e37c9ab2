using System;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Threading;

namespace Kvol.Native;

/// <summary>Finds libzfs_core and libnvpair: not every system has them, and their file names differ.</summary>
internal static class ZfsLibraries
{
    public const string CoreName = "zfs_core", NvpairName = "nvpair";

    // FreeBSD has .so.2 (cddl/lib/Makefile.inc), Linux .so.3 (libzfs_core3linux of OpenZFS 2.1 to 2.4): kvol tries the name of this system
    // first, because searching for a missing library is slow. It tries the bare name last, which exists only where the headers are
    // installed.
    private static readonly string[] Versions = [ZfsIoctl.LibraryVersion, ".so.2", ".so.3", ".so"];

    private static int registered;

    /// <summary>Makes the names of the declarations known to the loader; once in a process.</summary>
    public static void Register()
    {
        if (Interlocked.Exchange(ref registered, 1) == 0)
        {
            NativeLibrary.SetDllImportResolver(typeof(ZfsLibraries).Assembly, Find);
        }
    }

    private static nint Find(string name, Assembly assembly, DllImportSearchPath? path)
    {
        if (name is not (CoreName or NvpairName))
        {
            return 0; // the loader's own way
        }

        foreach (var version in Versions)
        {
            if (NativeLibrary.TryLoad($"lib{name}{version}", out var handle))
            {
                return handle;
            }
        }

        throw new DllNotFoundException($"lib{name}");
    }
}
