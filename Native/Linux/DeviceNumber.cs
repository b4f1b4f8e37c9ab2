namespace Kvol.Native;

/// <summary>The two halves of <see cref="FileStatus.RawDevice"/>: makedev(3) of glibc.</summary>
internal static class DeviceNumber
{
    public static ulong Make(uint major, uint minor) =>
        (((ulong)major & 0xfffff000) << 32) | (((ulong)major & 0xfff) << 8) | (((ulong)minor & 0xffffff00) << 12) | (minor & 0xff);

    public static uint Major(ulong device) => (uint)(((device >> 32) & 0xfffff000) | ((device >> 8) & 0xfff));

    public static uint Minor(ulong device) => (uint)(((device >> 12) & 0xffffff00) | (device & 0xff));
}
