using System;
using System.Collections.Generic;
using System.Linq;
using Kvol.Storage.Values;
using Kvol.Tests.Support;
using Xunit;

namespace Kvol.Tests.Trees;

/// <summary>Each field that an entry can have, on each kind of entry, in a directory and at the top, is kept by each way of making a copy,
/// or is reported by its path.</summary>
public class EveryField
{
    // Each entry is named KIND-FIELD. What the system does not let be set is taken away again.
    private const string Make = """
        make() {
            case $1 in
            file) echo text >$2 ;;
            directory) mkdir $2 && echo inside >$2/x ;;
            link) ln -s target $2 ;;
            fifo) mkfifo $2 ;;
            socket) python3 -c 'import socket, sys; socket.socket(socket.AF_UNIX).bind(sys.argv[1])' $2 ;;
            character) mknod $2 c 1 3 ;;
            block) mknod $2 b 7 99 ;;
            names) echo text >$2; ln $2 $2-other ;;
            esac
        }
        flags() { # of the stand-in: UF_IMMUTABLE 2, UF_APPEND 4, UF_NOUNLINK 16, UF_HIDDEN 32768, SF_IMMUTABLE 131072, SF_NOUNLINK 1048576
            test -n "${STANDIN_STATE-}" && setfattr -h -n trusted.standin.flags -v $2 $1
        }
        field() {
            case $1 in
            plain) ;;
            mode) test ! -L $2 && chmod 7751 $2 ;;
            closed) test ! -L $2 && chmod 0 $2 ;;
            linkmode) test -n "${STANDIN_STATE-}" && test -L $2 && setfattr -h -n trusted.standin.mode -v 0755 $2 ;;
            owner) chown -h 1234:4321 $2 ;;
            setid) test ! -L $2 && chown 1234:4321 $2 && chmod 6711 $2 ;;
            times) touch -h -a -d '2003-04-05 06:07:08.987654321' $2; touch -h -m -d '2001-02-03 04:05:06.123456789' $2 ;;
            old) touch -h -d '1969-12-31 23:59:55.000000007 UTC' $2 ;;
            user) setfattr -h -n user.some -v value $2 ;;
            empty) setfattr -h -n user.empty $2 ;;
            system) setfattr -h -n trusted.some -v 0x610062 $2 ;;
            large) setfattr -h -n trusted.large -v $(printf '%03000d' 1) $2 ;;
            access) test ! -L $2 && setfacl -m u:1001:rw,g:1002:r,m:rw $2 ;;
            default) test -d $2 && setfacl -d -m u:1001:rwx $2 ;;
            nodump) test ! -L $2 && chattr +d $2 ;;
            immutable) test ! -L $2 && chattr +i $2 ;;
            append) test ! -L $2 && chattr +a $2 ;;
            schg) test -L $2 -o -p $2 -o -S $2 -o -c $2 -o -b $2 && flags $2 131072 ;;
            sunlnk) flags $2 1048576 ;;
            uchg) flags $2 2 ;;
            uappnd) flags $2 4 ;;
            uunlnk) flags $2 16 ;;
            hidden) flags $2 32768 ;;
            esac
        }
        mkdir -p $R/srv/inner
        for at in $R/srv $R/srv/inner; do
            cd $at
            for kind in file directory link fifo socket character block names; do
                for field in plain mode closed linkmode owner setid times old user empty system large access default nodump immutable \
                    append schg sunlnk uchg uappnd uunlnk hidden; do
                    make $kind $kind-$field && field $field $kind-$field 2>/dev/null || rm -rf $kind-$field $kind-$field-other
                done
            done
        done
        """;

    [Theory]
    [InlineData("mount", "v")]
    [InlineData("seed", "v")]
    [InlineData("clone", "w")]
    [InlineData("import", "w")]
    [InlineData("import --into", "w")]
    [InlineData("under a reader", "v")]
    public void Is_kept_or_reported(string way, string volume)
    {
        using var box = new Box("ext4");
        if (Platform.IsFreeBSD)
        {
            box.Environment["STANDIN_STATE"] = Environment.GetEnvironmentVariable("STANDIN_STATE")!;
        }

        box.Shell(Make).Ok();
        var source = box.Root + "/srv";
        var times = AccessTimes(box, source);
        var said = Copy(box, way, source);
        var copied = AccessTimes(box, box.Data(volume));
        Dictionary<string, string> before = Lines(box, source), after = Lines(box, box.Data(volume));
        Assert.True(before.Count >= (Platform.IsFreeBSD ? 300 : 200), $"{before.Count} entries are too few");
        var silent = new List<string>();
        foreach (var (path, line) in before)
        {
            var isThere = after.TryGetValue(path, out var copy);
            if ((isThere && copy == line && (path == "." || times.GetValueOrDefault(path) == copied.GetValueOrDefault(path)))
                || said.Any(l => Names(l, path)))
            {
                continue;
            }

            silent.Add($"{line}\n  {copy ?? "nothing"}\n  {times.GetValueOrDefault(path)} {copied.GetValueOrDefault(path)}");
        }

        Assert.True(silent.Count == 0, $"{way}: lost without a word:\n{string.Join('\n', silent)}");
    }

    private static string[] Copy(Box box, string way, string source)
    {
        string[] said = [];
        if (way == "under a reader")
        {
            box.MakeDir("reader");
            Sys.Mkdir(box.Top + "/reader/data");
            said = box.Run("mount", box.Top + "/reader", "v:/data:ro").Ok().Err.Split('\n');
        }

        if (way == "seed")
        {
            box.Run("create", "v").Ok();
            said = box.Run("seed", "v", source).Ok().Err.Split('\n');
        }
        else
        {
            box.Mount("v:/srv").Ok();
            box.Umount().Ok();
        }

        if (way == "clone")
        {
            said = box.Run("clone", "v", "w").Ok().Err.Split('\n');
        }
        else if (way.StartsWith("import", StringComparison.Ordinal))
        {
            said = box.Run("export", "v", "-o", box.Top + "/v.tar").Ok().Err.Split('\n');
            if (way == "import --into")
            {
                box.Run("create", "w").Ok();
            }

            said = [.. said, .. box.Run(way == "import" ? ["import", "w", box.Top + "/v.tar"]
                : ["import", "--into", "w", box.Top + "/v.tar"]).Ok().Err.Split('\n')];
        }

        return [.. said, .. NotKept(box, "v"), .. way is "clone" or "import" ? NotKept(box, "w") : []];
    }

    private static IEnumerable<string> NotKept(Box box, string volume) =>
        box.Inspect(volume).GetProperty("seed").GetProperty("not_kept").EnumerateArray().Select(l => l.GetString()!);

    // A line that is about a path has it as a word of its own.
    private static bool Names(string line, string path) =>
        (" " + line).Contains($" {path}: ", StringComparison.Ordinal) || (" " + line).Contains($"/{path}: ", StringComparison.Ordinal);

    private static Dictionary<string, string> AccessTimes(Box box, string top) =>
        box.Shell("cd $1 && find . ! -type d -printf '%P %A+\\n'", top).Ok()
            .Lines.ToDictionary(l => l.Split(' ')[0], l => l.Split(' ')[1]);

    private static Dictionary<string, string> Lines(Box box, string top)
    {
        var flags = box.Shell("cd $1 && lsattr -adR . 2>/dev/null | grep -v '^$'; find . \\( -type d -o -type f \\) -exec lsattr -d {} +",
            top).Lines.Where(l => l.Contains(" ./", StringComparison.Ordinal))
            .GroupBy(l => l[(l.IndexOf(' ', StringComparison.Ordinal) + 3)..])
            .ToDictionary(g => g.Key, g => new string([.. g.First().TakeWhile(c => c != ' ').Where(c => c is 'i' or 'a' or 'd')]));
        return Manifest.Of(top).Lines.Where(l => !l.StartsWith(". ", StringComparison.Ordinal))
            .ToDictionary(l => l.Split(' ')[0], l => $"{l} {flags.GetValueOrDefault(l.Split(' ')[0])}");
    }
}
