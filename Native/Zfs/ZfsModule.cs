using System;
using System.Linq;

namespace Kvol.Native;

/// <summary>The ZFS module of the kernel.</summary>
internal static partial class ZfsModule
{
    /// <summary>The release of OpenZFS; 0.0.0 where it cannot be told.</summary>
    public static Version Version
    {
        get
        {
            var digits = string.Concat(VersionText.TrimStart('v').TakeWhile(c => char.IsAsciiDigit(c) || c == '.'));
            return Version.TryParse(digits, out var version) ? version : new Version(0, 0, 0);
        }
    }
}
