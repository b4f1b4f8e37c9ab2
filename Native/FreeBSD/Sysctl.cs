using System;
using System.Runtime.InteropServices;

namespace Kvol.Native;

/// <summary>What the kernel tells by sysctl(3).</summary>
internal static unsafe class Sysctl
{
    // struct kinfo_file, sys/user.h: kf_structsize@0 kf_fd@8 kf_path@368. The kernel cuts each record behind its path.
    private const int DescriptorOffset = 8, PathOffset = 368;

    /// <summary>The value of a numbered variable, sysctl(3); null when it cannot be had.</summary>
    public static byte[]? Read(params ReadOnlySpan<int> mib)
    {
        fixed (int* m = mib)
        {
            nuint length = 0;
            if (Libc.sysctl(m, (uint)mib.Length, null, &length, null, 0) < 0)
            {
                return null;
            }

            while (true)
            {
                // Slack, because the table may grow between the two calls.
                var value = new byte[(length * 4 / 3) + 4096];
                length = (nuint)value.Length;
                fixed (byte* v = value)
                {
                    if (Libc.sysctl(m, (uint)mib.Length, v, &length, null, 0) == 0)
                    {
                        return value[..(int)length];
                    }
                }

                if (Marshal.GetLastPInvokeError() != Errno.ENOMEM)
                {
                    return null;
                }

                length = (nuint)value.Length * 2;
            }
        }
    }

    /// <summary>The value of a small named variable, sysctlbyname(3); null when this kernel has none.</summary>
    public static byte[]? Read(CName name)
    {
        var value = new byte[64];
        nuint length = (nuint)value.Length;
        fixed (byte* n = name.Terminated, v = value)
        {
            return Libc.sysctlbyname(n, v, &length, null, 0) < 0 ? null : value[..(int)length];
        }
    }

    /// <summary>The path of an open descriptor of this process by kern.proc.filedesc; null when the kernel does not know one.</summary>
    public static ByteString? PathOf(Fd fd)
    {
        var records = Read(Libc.CTL_KERN, Libc.KERN_PROC, Libc.KERN_PROC_FILEDESC, Environment.ProcessId);
        for (var at = 0; records is not null && at + PathOffset < records.Length;)
        {
            var size = BitConverter.ToInt32(records, at);
            if (size <= PathOffset || at + size > records.Length)
            {
                return null;
            }

            if (BitConverter.ToInt32(records, at + DescriptorOffset) == fd.Number)
            {
                var path = records.AsSpan(at + PathOffset, size - PathOffset);
                var end = path.IndexOf((byte)0);
                path = end < 0 ? path : path[..end];
                return path.IsEmpty ? null : new ByteString(path);
            }

            at += size;
        }

        return null;
    }
}
