using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.RegularExpressions;
using Kvol.Commands;
using Kvol.Storage.Mounts;
using Kvol.Storage.Values;
using Kvol.Tests.Support;
using Xunit;

namespace Kvol.Tests.Internals;

/// <summary>The states of volumes have their names from one table.</summary>
public class States
{
    [Fact]
    public void The_manual_explains_the_states_that_there_are()
    {
        Assert.Equal(VolumeStates.Names, Explained(string.Concat(
            Directory.GetFiles(SourceTree.Top + "/docs", "*.8").Order().Select(File.ReadAllText))));
    }

    [Fact]
    public void Every_state_of_a_volume_has_a_name_of_its_own()
    {
        var names = Enum.GetValues<VolumeState>().Select(VolumeStates.NameOf).Append(VolumeStates.Foreign).ToArray();
        Assert.Equal(VolumeStates.Names, names.Distinct());
    }

    [Fact]
    public void A_filter_takes_every_state_and_a_wrong_one_is_told_them_all()
    {
        var volume = new Volume(VolumeName.Parse("v"), "directory", null, null, DateTimeOffset.UnixEpoch, false,
            new Dictionary<string, string>(), VolumeState.Empty, null);
        StoreEntry[] all = [
            .. Enum.GetValues<VolumeState>().Select(s => volume with { State = s }),
            new ForeignEntry("a b", "zfs", "tank/volumes/a b", DateTimeOffset.UnixEpoch),
        ];
        Assert.Equal(VolumeStates.Names, all.Select(e => e.StateName));
        Assert.All(all, e => Assert.Equal([e], all.Where(o => Filters.Parse([$"state={e.StateName}"])(new ListedEntry(o, [])))));
        Assert.Contains($"the states are {string.Join(' ', VolumeStates.Names)}",
            Assert.Throws<KvolException>(() => Filters.Parse(["state=Ready"])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_list_of_states_is_found_among_other_lists()
    {
        const string Text =
            ".Bl\n.It Cm name\n.El\n.Bl -tag -width x\n.It Cm empty\nIt\n.Bl\n.It Cm inner\n.El\n.It Cm lost\n.El\n.It Cm after\n";
        Assert.Equal(["empty", "lost"], Explained(Text));
    }

    /// <summary>The items of the list of a manual that explains the first state.</summary>
    private static List<string> Explained(string manual)
    {
        var lists = new Stack<List<string>>();
        foreach (var line in manual.Split('\n'))
        {
            if (line.StartsWith(".Bl", StringComparison.Ordinal))
            {
                lists.Push([]);
            }
            else if (line.StartsWith(".El", StringComparison.Ordinal) && lists.Pop() is var list
                && list.FirstOrDefault() == VolumeStates.Names[0])
            {
                return list;
            }
            else if (Regex.Match(line, @"^\.It Cm ([a-z]+)$") is { Success: true } item)
            {
                lists.Peek().Add(item.Groups[1].Value);
            }
        }

        return [];
    }
}
