using System.Linq;
using System.Text;
using Kvol.Native;
using Kvol.Storage.Values;

namespace Kvol.Storage.Base;

/// <summary>Changes the configuration file.</summary>
internal static class ConfigurationFile
{
    /// <summary>Sets <c>root</c> and <c>store_id</c>, leaves every other line as it is, and replaces the file by rename. A dry run
    /// announces it to <paramref name="plan"/>.</summary>
    public static void SetStore(string path, string root, string id, Plan? plan)
    {
        var full = HostPath.Absolute(path);
        var slash = full.LastIndexOf('/');
        var name = full[(slash + 1)..];
        try
        {
            using var directory = Files.OpenDirectory(new ByteString(slash == 0 ? "/" : full[..slash]));
            if (plan is not null)
            {
                plan.Note($"write root = {root} and the id of the store into {full}, and keep its other lines");
                return;
            }

            var lines = Files.Exists(directory, new ByteString(name)) ? Encoding.UTF8.GetString(SmallFile.Read(new ByteString(full))) : "";
            var kept = lines.Split('\n').Where(l => KeyValue.Split(l).Key.Trim() is not ("root" or "store_id"));
            var text = $"{string.Join('\n', kept).TrimEnd('\n')}\nroot = {root}\nstore_id = {id}\n".TrimStart('\n');
            using var file = new NewFile(directory, Permissions.AllRead);
            Content.Write(file.File, Encoding.UTF8.GetBytes(text));
            file.Commit(new ByteString(name));
        }
        catch (NativeException e)
        {
            throw new KvolException(ExitStatus.CannotCreate, path, e.Reason);
        }
    }
}
