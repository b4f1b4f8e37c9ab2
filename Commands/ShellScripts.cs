using System.IO;

namespace Kvol.Commands;

/// <summary>The scripts that <c>kvol completion</c> prints, from the files in Shells. They do not know kvol's commands: they pass the line
/// that is being typed to <c>kvol complete</c>. They run a path only if it is absolute, so that a tab runs no program from the working
/// directory. tcsh(1) uses the first rule that matches, and completes paths better itself.</summary>
internal static class ShellScripts
{
    public static readonly string[] Shells = ["bash", "fish", "sh", "tcsh", "zsh"];

    public static byte[] Of(string shell)
    {
        using var script = typeof(ShellScripts).Assembly.GetManifestResourceStream(shell)!;
        var text = new byte[script.Length];
        script.ReadExactly(text);
        return text;
    }
}
