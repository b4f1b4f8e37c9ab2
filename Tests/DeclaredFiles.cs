using System;
using System.Text;
using Kvol.Tests.Support;
using Xunit;

namespace Kvol.Tests;

/// <summary>A mistake in the file of apply is named, and nothing is done.</summary>
public class DeclaredFiles
{
    public static TheoryData<string, string> Mistakes => new()
    {
        { "", "line 1: is not valid JSON" },
        { "[]", "line 1: the file must be an object { }" },
        { "{}", "line 1: the version is missing; add \"version\": 1" },
        { "{\n\"version\": 2}", "line 2: this version of kvol reads files of version 1 only" },
        { "{\n\"version\": \"1\"}", "line 2: version must be a whole number" },
        { "{\"version\": 1,\n\"volume\": []}", "line 2: unknown key volume in the file; known: version volumes roots" },
        {
            "{\"version\": 1,\n\n\"volumes\": [\n{\"name\": \"a\",\n\"quotas\": 1}]}",
            "line 5: unknown key quotas in a volume; known: name"
        },
        { "{\"version\": 1, \"volumes\": [{\"name\": \"a\"},\n{\"name\": \"a\"}]}", "line 2: volume a is given twice" },
        { "{\"version\": 1, \"volumes\": [{}]}", "line 1: a volume has no name" },
        { "{\"version\": 1, \"volumes\": [{\"name\": \"a/b\"}]}", "line 1: a/b: not a volume name" },
        { "{\"version\": 1, \"volumes\": [{\"name\": \"a\", \"name\": \"b\"}]}", "line 1: the key name is given twice in a volume" },
        { "{\"version\": 1, \"volumes\": [{\"name\": \"a\", \"quota\": \"1Q\"}]}", "line 1: quota 1Q: a size is" },
        { "{\"version\": 1, \"volumes\": [{\"name\": \"a\", \"quota\": 1.5}]}", "line 1: quota must be a whole number" },
        { "{\"version\": 1, \"volumes\": [{\"name\": \"a\", \"owner\": \"root\"}]}", "line 1: an owner is UID or UID:GID" },
        { "{\"version\": 1, \"volumes\": [{\"name\": \"a\", \"mode\": \"0999\"}]}", "line 1: a mode is octal" },
        { "{\"version\": 1, \"volumes\": [{\"name\": \"a\", \"labels\": {\"A\": \"\"}}]}", "line 1: label A: a label is KEY=VALUE" },
        {
            "{\"version\": 1, \"volumes\": [{\"name\": \"a\", \"keep\": false, \"labels\": {\"keep\": \"\"}}]}",
            "line 1: volume a: 'keep' and"
        },
        {
            "{\"version\": 1, \"volumes\": [{\"name\": \"a\", \"snapshots\": \"often:1\"}]}",
            "line 1: snapshots=often:1: often is not a period"
        },
        {
            "{\"version\": 1, \"volumes\": [{\"name\": \"a\", \"properties\": {\"quota\": \"1\"}}]}",
            "line 1: quota is not a property; known: reser"
        },
        { "{\"version\": 1, \"roots\": [{\"mounts\": []}]}", "line 1: a root has no rootdir" },
        { "{\"version\": 1, \"roots\": [{\"rootdir\": \"x\"}]}", "line 1: the root directory must be an absolute path" },
        { "{\"version\": 1, \"roots\": [{\"rootdir\": \"/x\"},\n{\"rootdir\": \"/x/\"}]}", "line 2: /x is given twice" },
        { "{\"version\": 1, \"roots\": [{\"rootdir\": \"/x\", \"jail\": \"a b\"}]}", "line 1: a b: a jail's name has" },
        {
            "{\"version\": 1, \"roots\": [{\"rootdir\": \"/x\", \"mounts\": [\"a:/b\",\n\"c:/b\"]}]}",
            "line 2: /b is the destination of two mounts in /x"
        },
        { "{\"version\": 1, \"roots\": [{\"rootdir\": \"/x\", \"mounts\": [\n\"a\"]}]}", "line 2: a: a mount is SOURCE:DEST" },
        {
            "{\"version\": 1, \"roots\": [{\"rootdir\": \"/x\", \"mounts\": [\n\"./a:/b\"]}]}",
            "line 2: ./a:/b: the source must be an absolute path"
        },
        {
            "{\"version\": 1, \"roots\": [{\"rootdir\": \"/x\", \"mounts\": [{\"source\": \"a\", \"destination\": \"/b\", "
                + "\"options\": [\"up\"]}]}]}",
            "line 1: /b: unknown option 'up'"
        },
        {
            "{\"version\": 1, \"roots\": [{\"rootdir\": \"/x\", \"mounts\": [{\"source\": \"a\", \"destination\": \"/b\", "
                + "\"path\": \"/x/b\"}]}]}",
            "line 1: unknown key path in a mount"
        },
        { "{\"version\": 1, \"roots\": [{\"rootdir\": \"/\\u0000\"}]}", "line 1: rootdir has a NUL character" },
        { "{\"version\": 1,\n\"roots\": [{\"rootdir\": \"/\\ud800\"}]}", "line 2: a text is not valid UTF-8" },
        { "{\"version\": 1}\n{}", "line 2: is not valid JSON" },
        { "{\"version\": 1", "line 1: is not valid JSON" },
        { "\0", "line 1: is not valid JSON" },
    };

    [Theory]
    [MemberData(nameof(Mistakes))]
    public void A_mistake_is_named_with_its_line_and_changes_nothing(string text, string message)
    {
        using var box = new Box();
        var before = box.State();
        var file = box.MakeFile("host.json", text);
        var error = box.Run("apply", file).Refused(65).Err;
        Assert.StartsWith($"kvol: {file}: {message}", error, StringComparison.Ordinal);
        Assert.Equal(error, box.Run("diff", file).Refused(65).Err);
        Assert.Equal(before, box.State());
    }

    [Fact]
    public void A_property_that_the_store_cannot_have_is_refused_before_anything_is_changed()
    {
        using var box = new Box();
        var file = box.MakeFile("host.json",
            "{ \"version\": 1, \"volumes\": [ { \"name\": \"a\" }, { \"name\": \"b\", \"properties\": { \"compression\": \"zstd\" } } ] }");
        box.Run("apply", file).Refused(69, "b", "compression");
        Assert.Empty(box.Volumes);
    }

    [Fact]
    public void Huge_files_are_refused_in_bounded_memory()
    {
        using var box = new Box();
        box.Run("apply", "/dev/zero").Refused(65, "/dev/zero: is larger than 16 MiB");
        box.Run("apply", box.Top).Refused(66);
        box.Run("apply", box.Top + "/none").Refused(66, "none");
        // As many small things as fit into a file.
        foreach (var (head, each) in new[]
        {
            ("{\"version\":1,\"volumes\":[", "{\"name\":\"vNUMBER\"},"),
            ("{\"version\":1,\"roots\":[{\"rootdir\":\"/\",\"mounts\":[", "\"v:/NUMBER\","),
            ("{\"version\":1,\"volumes\":[{\"name\":\"a\",\"labels\":{", "\"kNUMBER\":\"\","),
            ("{\"version\":1,\"volumes\":", "["),
        })
        {
            var text = new StringBuilder(head);
            for (var i = 0; text.Length < 15_000_000; i++)
            {
                text.Append(each.Replace("NUMBER", $"{i}", StringComparison.Ordinal));
            }

            var file = box.MakeFile("big.json", text.ToString());
            box.Run("diff", file).Refused(65, "big.json: line 1");
        }
    }

    [Fact]
    public void A_root_directory_is_given_once_under_one_name()
    {
        using var box = new Box();
        Sys.Symlink(box.Root, box.Top + "/link");
        foreach (var other in (string[])[box.Top + "/link", box.Top + "//root", box.Top + "/./root/", box.Top + "/x/../root"])
        {
            var file = box.MakeFile("f", $$"""
                {"version":1,"roots":[{"rootdir":"{{box.Root}}","mounts":["a:/a"]},{"rootdir":"{{other}}","mounts":["b:/b"]}]}
                """);
            box.Run("apply", "--prune", file).Refused(65, box.Root);
        }

        Assert.Empty(box.Mounts);
    }
}
