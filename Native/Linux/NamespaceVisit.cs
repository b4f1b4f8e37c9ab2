using System;
using System.Runtime.InteropServices;
using System.Threading;

namespace Kvol.Native;

/// <summary>Reads the mounts of a namespace from inside it, for kernels and confinements without listmount(2): one thread enters it by
/// setns(2), reads, and ends. setns sets the thread's own root directory to that of the namespace; no other thread is affected.</summary>
internal static unsafe class NamespaceVisit
{
    private const int StackSize = 256 * 1024;

    /// <summary>The text of mountinfo, proc_pid_mountinfo(5), as it is at the namespace's root directory. <paramref name="subject"/> names
    /// the namespace in an error.</summary>
    public static byte[] ReadMountInfo(Fd mountNamespace, string subject)
    {
        var visit = new Visit(mountNamespace.Number);
        var thread = new Thread(visit.Run, StackSize);
        thread.Start();
        thread.Join();
        return visit.Call is null ? visit.Text[..visit.Filled] : throw new NativeException(visit.Call, subject, visit.Error);
    }

    private sealed class Visit(int mountNamespace)
    {
        public byte[] Text { get; private set; } = new byte[64 * 1024];

        public int Filled { get; private set; }

        /// <summary>The call that failed, with its errno.</summary>
        public string? Call { get; private set; }

        public int Error { get; private set; }

        // What follows setns runs in another root directory: it calls the kernel and allocates, and opens nothing by an absolute path.
        public void Run()
        {
            fixed (byte* self = "/proc/thread-self\0"u8, name = "mountinfo\0"u8)
            {
                var here = Libc.openat(Libc.AT_FDCWD, self, Libc.O_RDONLY | Libc.O_CLOEXEC, 0);
                if (Failed(here, "open"))
                {
                    return;
                }

                // mountinfo shows the namespace and the root directory that the thread has at the moment of the open.
                var file = -1;
                if (!Failed(Libc.unshare(Libc.CLONE_FS), "unshare") && !Failed(Libc.setns(mountNamespace, Libc.CLONE_NEWNS), "setns")
                    && !Failed(file = Libc.openat(here, name, Libc.O_RDONLY | Libc.O_CLOEXEC, 0), "openat"))
                {
                    ReadAll(file);
                    _ = Libc.close(file);
                }

                _ = Libc.close(here);
            }
        }

        private void ReadAll(int file)
        {
            while (true)
            {
                if (Filled == Text.Length)
                {
                    var larger = new byte[Text.Length * 2];
                    Text.CopyTo(larger, 0);
                    Text = larger;
                }

                fixed (byte* t = Text)
                {
                    var n = Libc.read(file, t + Filled, (nuint)(Text.Length - Filled));
                    if (n < 0 && Marshal.GetLastPInvokeError() == Errno.EINTR)
                    {
                        continue;
                    }

                    if (Failed(n, "read") || n == 0)
                    {
                        return;
                    }

                    Filled += (int)n;
                }
            }
        }

        private bool Failed(long result, string call)
        {
            if (result < 0)
            {
                (Call, Error) = (call, Marshal.GetLastPInvokeError());
            }

            return result < 0;
        }
    }
}
