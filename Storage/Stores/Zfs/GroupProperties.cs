using System.Collections.Generic;
using System.Linq;
using Kvol.Native;
using Kvol.Storage.Values;

namespace Kvol.Storage.Stores;

/// <summary>The group of a snapshot in user properties of the snapshot, which are set when it is taken.</summary>
internal static class GroupProperties
{
    /// <summary>The property with the id.</summary>
    public const string Id = "kvol:group";

    private const string Jail = "kvol:group.jail", Members = "kvol:group.members";

    /// <summary>All of them. The list of members is split where it is longer than one property may be.</summary>
    public static IEnumerable<(string Property, string Value)> Of(SnapshotGroup group)
    {
        yield return (Id, group.Id);
        if (group.Jail is not null)
        {
            yield return (Jail, group.Jail);
        }

        var number = 0;
        foreach (var part in string.Join(' ', group.Members).Chunk(ZfsSeeding.LongestValue))
        {
            yield return (NameOf(number++), new string(part));
        }
    }

    /// <summary>The group of a snapshot; null if it has none.</summary>
    public static SnapshotGroup? Read(DatasetStats snapshot)
    {
        if (snapshot.Own(Id) is not { Length: > 0 } id)
        {
            return null;
        }

        var members = "";
        for (var number = 0; snapshot.Own(NameOf(number)) is { } part; number++)
        {
            members += part;
        }

        return new SnapshotGroup(id, snapshot.Own(Jail), members.Split(' ', System.StringSplitOptions.RemoveEmptyEntries));
    }

    private static string NameOf(int number) => number == 0 ? Members : $"{Members}.{number}";
}
