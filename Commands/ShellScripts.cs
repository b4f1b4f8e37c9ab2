using System.IO;

namespace Kvol.Commands;

/// <summary>The scripts that <c>kvol completion</c> prints, which are the files in Shells. They know nothing of kvol's commands: they ask
/// <c>kvol complete</c> with the line that is being typed. They run a path only if it is absolute, so that a tab runs nothing in the
/// working directory. tcsh(1) takes the first rule that fits, and completes paths better itself.</summary>
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
