using Kvol.Storage.Values;
using Xunit;

namespace Kvol.Tests.Unit;

/// <summary>How options name the members of a group, and a group.</summary>
public class GroupChoices
{
    [Theory]
    [InlineData("web@a web", null, null, null, null, "twice")]
    [InlineData("web@a db", "x", null, null, null, "web@a")]
    [InlineData("web", "a/b", null, null, null, "--name a/b")]
    [InlineData("web", null, "www", null, null, "volumes and --jail")]
    [InlineData("", null, "www", "/r", null, "--jail and --under")]
    [InlineData("", null, null, null, "=x", "--label =x")]
    [InlineData("", "x", null, null, null, "name volumes")]
    [InlineData("", null, "a/b", null, null, "a/b")]
    [InlineData("web@", null, null, null, null, "web@")]
    public void A_choice_of_volumes_that_is_not_one_is_refused(string operands, string? name, string? jail, string? under, string? label,
        string word)
    {
        var error = Assert.Throws<KvolException>(() => Choice(operands, name, jail, under, label));
        Assert.Equal(ExitStatus.Usage, error.Status);
        Assert.Contains(word, error.Message);
    }

    [Fact]
    public void A_name_is_for_all_volumes_that_have_none_and_one_named_volume_is_no_group()
    {
        var both = Choice("web db", "x", null, null, null);
        Assert.Equal(["web@x", "db@x"], Names(both));
        Assert.True(both.IsGroup);
        Assert.False(Choice("web@a", null, null, null, null).IsGroup);
        Assert.True(Choice("", null, "www", null, null).IsGroup);
        var unnamed = Choice("web@a db log", null, null, null, null).Named;
        Assert.Equal("a", unnamed[0].Name);
        Assert.Equal(unnamed[1].Name, unnamed[2].Name);
    }

    [Theory]
    [InlineData(null, "www", null)]
    [InlineData(null, null, "a")]
    [InlineData("1", "www", "a")]
    [InlineData("1", null, "a")]
    [InlineData(null, "www", "a/b")]
    [InlineData(null, "-www", "a")]
    public void A_group_is_named_by_its_id_or_by_a_jail_and_a_name(string? id, string? jail, string? to) =>
        Assert.Equal(ExitStatus.Usage, Assert.Throws<KvolException>(() => GroupChoice.Parse(id, jail, to)).Status);

    [Fact]
    public void A_group_matches_its_snapshots()
    {
        var mine = Of("web@a", new SnapshotGroup("1", "www", ["web@a"]));
        var other = Of("web@b", new SnapshotGroup("2", "www", ["web@b"]));
        Assert.Equal([true, false, false], Matches(GroupChoice.Parse("1")!));
        Assert.Equal([true, false, false], Matches(GroupChoice.Parse(null, "www", "a")!));
        Assert.Equal([false, false, false], Matches(GroupChoice.Parse(null, "db", "a")!));
        Assert.Null(GroupChoice.Parse(null));

        bool[] Matches(GroupChoice choice) => [choice.Matches(mine), choice.Matches(other), choice.Matches(Of("web@a", null))];
    }

    [Fact]
    public void What_is_missing_is_told_by_name_and_a_renamed_volume_is_not_missing()
    {
        var group = new SnapshotGroup("1", null, ["web@a", "db@a"]);
        Assert.Equal(["db@a"], group.Missing([SnapshotName.Parse("web@a")]));
        Assert.Empty(group.Missing([SnapshotName.Parse("web@a"), SnapshotName.Parse("renamed@a")]));
    }

    private static SnapshotInfo Of(string name, SnapshotGroup? group) => new(SnapshotName.Parse(name), default, null, Group: group);

    private static string[] Names(SnapshotChoice choice) => [.. System.Linq.Enumerable.Select(choice.Named, n => n.ToString())];

    private static SnapshotChoice Choice(string operands, string? name, string? jail, string? under, string? label) =>
        SnapshotChoice.Parse(operands.Split(' ', System.StringSplitOptions.RemoveEmptyEntries), name, jail, under, label is null ? []
            : [label]);
}
