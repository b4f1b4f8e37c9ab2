using System;

namespace Kvol.Native;

/// <summary>Names of local sockets: unix(4).</summary>
internal static unsafe class LocalSocket
{
    /// <summary>bindat(2) of a new socket, which is closed again: mknodat(2) makes none.</summary>
    public static void Make(Fd at, CName name, uint mode)
    {
        var address = default(Libc.SockaddrUn);
        if (name.Bytes.Length >= 104)
        {
            throw Files.Failed("bindat", at, name, Errno.ENAMETOOLONG); // sun_path, unix(4)
        }

        address.sun_family = Libc.AF_UNIX;
        address.sun_len = (byte)(2 + name.Terminated.Length);
        name.Bytes.CopyTo(new Span<byte>(address.sun_path, 104));
        var number = Libc.socket(Libc.AF_UNIX, Libc.SOCK_STREAM | Libc.SOCK_CLOEXEC, 0);
        Files.Check(number, "socket", at, name);
        using (new Fd(number))
        {
            Files.Check(Libc.bindat(at.Number, number, &address, address.sun_len), "bindat", at, name);
        }

        Files.SetMode(at, name, mode);
    }
}
