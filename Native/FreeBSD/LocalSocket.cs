using System;

namespace Kvol.Native;

/// <summary>Names of local sockets: unix(4).</summary>
internal static unsafe class LocalSocket
{
    /// <summary>Binds a new socket by bindat(2) and closes it, because mknodat(2) cannot make a socket.</summary>
    public static void Make(Fd at, CName name, uint mode)
    {
        var address = default(Libc.SockaddrUn);
        if (name.Bytes.Length >= Libc.SockaddrUn.SUNPATHLEN)
        {
            throw Files.Failed("bindat", at, name, Errno.ENAMETOOLONG); // unix(4)
        }

        address.sun_family = Libc.AF_UNIX;
        address.sun_len = (byte)(address.sun_path - &address.sun_len + name.Bytes.Length); // SUN_LEN of sys/un.h
        name.Bytes.CopyTo(new Span<byte>(address.sun_path, Libc.SockaddrUn.SUNPATHLEN));
        var number = Libc.socket(Libc.AF_UNIX, Libc.SOCK_STREAM | Libc.SOCK_CLOEXEC, 0);
        Files.Check(number, "socket", at, name);
        using (new Fd(number))
        {
            Files.Check(Libc.bindat(at.Number, number, &address, address.sun_len), "bindat", at, name);
        }

        Files.SetMode(at, name, mode);
    }
}
