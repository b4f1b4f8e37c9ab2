using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;

namespace Kvol.Native;

/// <summary>Which access control list of a file: the two of POSIX.1e, or the one of NFSv4.</summary>
internal enum AclKind
{
    Access, Default, Nfs4,
}

/// <summary>One entry of a POSIX.1e list; the tag has the value of ACL_USER_OBJ, ACL_USER ... in acl(5).</summary>
internal readonly record struct AclEntry(AclTag Tag, uint Id, int Permissions);

/// <summary>Whom an entry applies to.</summary>
internal enum AclTag
{
    Owner = 1, User = 2, OwningGroup = 4, Group = 8, Mask = 16, Other = 32,
}

/// <summary>POSIX.1e lists as text, acl_to_text(3): <c>user::rw-,user:33:r--,group::r--,mask::r--,other::---</c>. Ids are written in
/// numbers, because names mean something else in a jail.</summary>
internal static class PosixAcl
{
    /// <summary>The text of a list, its entries separated by commas, which all readers take.</summary>
    public static string ToText(IEnumerable<AclEntry> entries) => string.Join(',', entries.Select(e =>
    {
        var id = e.Tag is AclTag.User or AclTag.Group ? e.Id.ToString(CultureInfo.InvariantCulture) : "";
        var who = e.Tag switch
        {
            AclTag.Owner or AclTag.User => "user",
            AclTag.OwningGroup or AclTag.Group => "group",
            AclTag.Mask =>
            "mask",
            _ => "other"
        };
        return $"{who}:{id}:{Letter(e, 4, 'r')}{Letter(e, 2, 'w')}{Letter(e, 1, 'x')}";
    }));

    /// <summary>The permission bits of a file whose list is not kept. With a list, the group bits of the mode are the mask, which may grant
    /// more than the owning group has. The group really has what both group:: and the mask grant, acl(5), acl(3).</summary>
    public static uint ModeWithout(uint mode, IEnumerable<AclEntry> entries)
    {
        int group = 7, mask = 7;
        foreach (var entry in entries)
        {
            group = entry.Tag == AclTag.OwningGroup ? entry.Permissions : group;
            mask = entry.Tag == AclTag.Mask ? entry.Permissions : mask;
        }

        const uint OfGroup = 7 << 3;
        return (mode & ~OfGroup) | (mode & (uint)((group & mask) << 3));
    }

    /// <summary>The list that is equivalent to a mode.</summary>
    public static IEnumerable<AclEntry> Of(uint mode) =>
        [new(AclTag.Owner, 0, (int)(mode >> 6) & 7), new(AclTag.OwningGroup, 0, (int)(mode >> 3) & 7), new(AclTag.Other, 0, (int)mode & 7)];

    /// <summary>Reads the text of any tar: entries separated by commas or lines; users by number, by a fourth field with the number (star,
    /// bsdtar), or by a name of this host. Null when it is not a list.</summary>
    public static IReadOnlyList<AclEntry>? Parse(string text)
    {
        var entries = new List<AclEntry>();
        foreach (var line in text.Split([',', '\n'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            var entry = line.Split('#', 2)[0].Trim();
            if (entry.Length > 0)
            {
                if (ParseEntry(entry.Split(':')) is not { } parsed)
                {
                    return null;
                }

                entries.Add(parsed);
            }
        }

        // setxattr(2) wants this order.
        return [.. entries.OrderBy(e => e.Tag).ThenBy(e => e.Id)];
    }

    private static AclEntry? ParseEntry(string[] fields)
    {
        // mask and other may be written without the empty field for whom.
        var isShort = fields is ["mask" or "m" or "other" or "o", _];
        var who = isShort ? "" : fields.ElementAtOrDefault(1);
        var permissions = fields.ElementAtOrDefault(isShort ? 1 : 2);
        if (who is null || permissions is null || permissions.Any(c => c is not ('r' or 'w' or 'x' or '-')))
        {
            return null;
        }

        var bits = (permissions.Contains('r') ? 4 : 0) | (permissions.Contains('w') ? 2 : 0) | (permissions.Contains('x') ? 1 : 0);
        AclTag? tag = (fields[0], who.Length > 0) switch
        {
            ("user" or "u", false) => AclTag.Owner,
            ("user" or "u", true) => AclTag.User,
            ("group" or "g", false) => AclTag.OwningGroup,
            ("group" or "g", true) => AclTag.Group,
            ("mask" or "m", false) => AclTag.Mask,
            ("other" or "o", false) => AclTag.Other,
            _ => null,
        };
        uint? id = tag is AclTag.User or AclTag.Group
            ? Number(fields.ElementAtOrDefault(3)) ?? Number(who) ?? (tag == AclTag.User ? Accounts.UserId(who) : Accounts.GroupId(who))
            : 0;
        return tag is null || id is null ? null : new AclEntry(tag.Value, id.Value, bits);
    }

    private static char Letter(AclEntry entry, int permission, char letter) => (entry.Permissions & permission) != 0 ? letter : '-';

    private static uint? Number(string? text) =>
        uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var id) ? id : null;
}
