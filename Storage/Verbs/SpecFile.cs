using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using Kvol.Native;
using Kvol.Storage.Base;
using Kvol.Storage.Values;

namespace Kvol.Storage.Verbs;

/// <summary>The SPECs of one command in a file: a list of words (<see cref="QuotedWords"/>), or the file of <c>kvol apply</c>, of which the
/// mounts of one jail in one root directory count.</summary>
internal static class SpecFile
{
    /// <summary>Reads them; <see cref="InputFile.Standard"/> is standard input. Every SPEC is parsed: a mistake is an error (65) that names
    /// file and line. A file without a SPEC is an error (65) too.</summary>
    public static IReadOnlyList<string> Read(Context context, string file, string rootPath, string? jail)
    {
        using var input = InputFile.Open(file);
        var text = input.ReadAll(context);
        var specs = DeclaredFile.IsMeant(text.Span)
            ? [.. Find(DeclaredFile.Parse(text, input.Subject), input.Subject, rootPath, jail).Mounts.Select(m => m.Text)]
            : List(Encoding.UTF8.GetString(text.Span), input.Subject);
        return specs.Count > 0 ? specs : throw new KvolException(ExitStatus.Damaged, input.Subject, "there is nothing to mount in it");
    }

    private static List<string> List(string text, string file)
    {
        var words = QuotedWords.Parse(text, (line, reason) => Wrong(line, reason));
        foreach (var (word, line) in words)
        {
            try
            {
                MountSpec.Parse(word);
            }
            catch (KvolException e)
            {
                throw Wrong(line, e.Message, e.Status == ExitStatus.Usage ? ExitStatus.Damaged : e.Status);
            }
        }

        return [.. words.Select(w => w.Word)];

        KvolException Wrong(int line, string reason, ExitStatus status = ExitStatus.Damaged) => new(status, file, $"line {line}: {reason}");
    }

    private static DeclaredRoot Find(DeclaredHost host, string file, string rootPath, string? jail)
    {
        DeclaredRoot[] candidates = [.. host.Roots.Where(r => r.Jail == jail)];
        return Array.Find(candidates, r => IsSame(r.Path, rootPath)) ?? throw new KvolException(ExitStatus.NoInput, file,
            candidates.Length == 0 ? $"has no mounts {(jail is null ? "without a jail" : $"for jail {jail}")}"
                : $"has mounts {(jail is null ? "without a jail" : $"for jail {jail}")} in {candidates[0].Path}, not in {rootPath}");
    }

    private static bool IsSame(string path, string other)
    {
        try
        {
            using Fd a = Files.OpenReference(new ByteString(path)), b = Files.OpenReference(new ByteString(HostPath.Absolute(other)));
            return Files.Status(a).Identity == Files.Status(b).Identity;
        }
        catch (NativeException e) when (e.Failure is Failure.NotFound or Failure.NotDirectory or Failure.NotPermitted or Failure.Loop)
        {
            return false; // the command says what is wrong with its own root directory
        }
    }
}
