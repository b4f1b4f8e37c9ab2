using System;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Threading;

namespace Kvol.Native;

/// <summary>Finds libzfs_core and libnvpair: they are no part of every system, and are called otherwise on each.</summary>
internal static class ZfsLibraries
{
    public const string CoreName = "zfs_core", NvpairName = "nvpair";

    // FreeBSD has .so.2 (cddl/lib/Makefile.inc), Linux .so.3 (libzfs_core3linux of OpenZFS 2.1 to 2.4): that of this system first, because
    // looking for a library that is not there takes long. The bare name last: it is there where headers are.
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
