using System.CommandLine;
using System.Reflection;

namespace Kvol.Commands;

/// <summary><c>kvol version</c>.</summary>
internal static class VersionCommand
{
    /// <summary>The version of this program, from the project file.</summary>
    public static string Version =>
        typeof(VersionCommand).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "";

    public static Command Build()
    {
        var command = new Command("version", "Print the version");
        command.SetAction(_ =>
        {
            Output.Line(Version);
            return 0;
        });
        return command;
    }
}
