namespace Kvol.Native;

/// <summary>The two halves of <see cref="FileStatus.RawDevice"/>: makedev(3), sys/types.h.</summary>
internal static class DeviceNumber
{
    public static ulong Make(uint major, uint minor) =>
        (((ulong)major & 0xffffff00) << 32) | (((ulong)major & 0xff) << 8) | (((ulong)minor & 0xff00) << 24) | (minor & 0xffff00ff);

    public static uint Major(ulong device) => (uint)(((device >> 32) & 0xffffff00) | ((device >> 8) & 0xff));

    public static uint Minor(ulong device) => (uint)(((device >> 24) & 0xff00) | (device & 0xffff00ff));
}
