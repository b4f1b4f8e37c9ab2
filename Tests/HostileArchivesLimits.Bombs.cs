using System;
using System.IO;
using System.Linq;
using System.Text;
using Kvol.Tests.Support;

namespace Kvol.Tests;

/// <content>Archives that ask for more memory than they are long.</content>
public partial class HostileArchivesLimits
{
    // About 20 MB each, in pieces.
    private static void Bomb(string what, Stream to)
    {
        var random = new Random(3);
        var attributes = Enumerable.Range(0, 32).Select(i => $"SCHILY.xattr.trusted.{i}={new string('v', 60000)}").ToArray();
        for (var i = 0; i < 400; i++)
        {
            var tar = new TarBytes();
            switch (what)
            {
                case "long names":
                    tar.Pax($"path={i}{new string('\x1b', 60000)}").Add("x").Pax($"path=a/{i}/{Long(200)}/{Long(200)}", "linkpath="
                        + Long(60000)).Add("x", '2');
                    break;
                case "directories":
                    Times(100, n => tar.Add($"{i}/{n}/{Long(80)}/", '5'));
                    break;
                case "hard links":
                    Times(100, n => tar.Add($"{i}{n}{Long(80)}").Add($"l{i}{n}{Long(80)}", '1', link: $"{i}{n}{Long(80)}"));
                    break;
                case "deep trees":
                    tar.Pax("path=" + string.Concat(Enumerable.Repeat($"{Long(20)}/", (i + 1) * 6))).Add("x", '5');
                    break;
                case "deep alternating trees":
                    _ = i < 40 ? tar.Pax($"path={i % 2}/" + string.Concat(Enumerable.Repeat("d/", 4990))).Add("x", '5') : tar;
                    break;
                case "refused members":
                    Times(100, n => tar.Add($"../{i}{n}"));
                    tar.Pax("path=../" + new string('\x1b', 60000)).Add("x");
                    break;
                case "holes":
                    if (i < 5)
                    {
                        OldMap(tar, 12000);
                        Pieces(tar, i);
                        tar.Pax("GNU.sparse.size=9", "GNU.sparse.map="
                            + string.Concat(Enumerable.Repeat("0000000,0000000,", 130_000))).Add($"m{i}");
                    }

                    break;
                case "attributes":
                    tar.Pax(attributes[0]).Add($"{i}");
                    break;
                case "large attributes":
                    if (i < 2)
                    {
                        tar.Pax(attributes).Add($"{i}").Pax([.. attributes.Select(a =>
                            a.Replace("SCHILY", "LIBARCHIVE"))]).Add($"e{i}").Pax(attributes).Add($"d{i}/", '5');
                    }

                    break;
                case "global headers":
                    Times(i < 20 ? 50 : 0, n => tar.Add($"{i}/{n}"));
                    tar = i == 0
                        ? new TarBytes().Add("g", 'g',
                        string.Concat(Enumerable.Range(0, 60).Select(n => Record($"SCHILY.xattr.trusted.{n}={Long(1000)}")))) : tar;
                    break;
                case "links in place of files":
                    Times(50, n => tar.Add($"f{n}").Add($"f{n}", '2', link: $"{i}"));
                    break;
                case "lists":
                    tar.Pax("SCHILY.acl.access=" + string.Concat(Enumerable.Repeat("user:1:r--,", 4000))).Add($"{i}");
                    break;
                case "several of these at once":
                    // What the import remembers until its end, and then headers that are as long as they may be.
                    Times(i < 390 ? 150 : 0, n => tar.Pax("SCHILY.fflags=schg").Add($"d/{Long(80)}{i}-{n}"));
                    Times(i < 390 ? 10 : 0, n => tar.Pax("SCHILY.fflags=schg").Add($"{Long(80)}{i}-{n}"));
                    tar = i < 390 ? tar : Pieces(tar, i, attributes);
                    break;
                default:
                    Times(10, n =>
                        tar.Pax("SCHILY.fflags=schg").Add($"d{i % 3}/{Long(90)}{i}-{n}").Pax("SCHILY.fflags=schg").Add($"{Long(
                        90)}{i}-{n}/", '5'));
                    break;
            }

            to.Write(tar.End(0));
        }

        to.Write(new TarBytes().End());
    }

    // A map of holes before the data.
    private static TarBytes Pieces(TarBytes tar, int number, params string[] more)
    {
        var map = "250000\n" + string.Concat(Enumerable.Repeat("0\n0\n", 250_000));
        return tar.Pax([.. more, "GNU.sparse.major=1", "GNU.sparse.minor=0", $"GNU.sparse.name=s{number}", "GNU.sparse.realsize=1"])
            .Add("s", content: map.PadRight((map.Length + 511) / 512 * 512, '\0'));
    }

    private static void Times(int count, Action<int> action)
    {
        for (var i = 0; i < count; i++)
        {
            action(i);
        }
    }

    // A map of GNU's old format: four pieces in the header, 21 in each block after it.
    private static void OldMap(TarBytes tar, int blocks)
    {
        var block = new byte[512];
        Encoding.Latin1.GetBytes("nnnn").CopyTo(block, 0);
        foreach (var (at, text) in ((int, string)[])[(100, "0000644"), (108, "0000000"), (116, "0000000"), (124, "00000000000"),
            (136, "00000000000"), (156, "S"), (257, "ustar  "), (482, "1"), (483, "00000000001")])
        {
            Encoding.Latin1.GetBytes(text).CopyTo(block, at);
        }

        var pair = "00000000000\0" + "00000000000\0";
        var more = string.Concat(Enumerable.Repeat(pair, 21)) + "1" + new string('\0', 7);
        tar.Raw(block, string.Concat(Enumerable.Repeat(more, blocks)) + new string('\0', 512));
    }

    private static string Record(string text)
    {
        var length = text.Length + 3;
        while ($"{length} {text}\n".Length != length)
        {
            length++;
        }

        return $"{length} {text}\n";
    }
}
