using System.Collections.Generic;
using System.Linq;
using System.Text.Json;
using Kvol.Native;
using Kvol.Storage.Archives;
using Kvol.Storage.Base;
using Kvol.Storage.Mounts;
using Kvol.Storage.Values;

namespace Kvol.Storage.Verbs;

/// <summary>The result of the export of a group.</summary>
internal sealed record GroupExport(string Group, string? Jail, string Format, IReadOnlyList<ExportResult> Volumes)
{
    /// <summary>Writes the manifest.</summary>
    public void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteNumber("version", 1);
        json.WriteString("group", Group);
        json.WriteString("jail", Jail);
        json.WriteString("format", Format);
        json.WriteStartArray("volumes");
        foreach (var volume in Volumes)
        {
            json.WriteStartObject();
            json.WriteString("volume", volume.Volume.Text);
            json.WriteString("snapshot", volume.Snapshot?.Name);
            json.WriteString("file", volume.File?.Split('/')[^1]);
            volume.WriteFigures(json);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }
}

/// <summary><c>kvol export --group</c>: one archive or stream for each volume, and a manifest.</summary>
internal static class ExportingGroups
{
    private const string Manifest = "manifest.json";

    /// <summary>Writes <c>VOL.tar</c> or <c>VOL.zfs</c> files into a directory that is absent or empty, and at the end
    /// <c>manifest.json</c>. After an error the directory has none of them.</summary>
    public static GroupExport Run(Context context, GroupChoice choice, string path, string format, bool raw)
    {
        var holds = new List<ReadHold?>();
        try
        {
            IReadOnlyList<SnapshotName> snapshots;
            string id;
            string? jail;
            using (var group = OpenedGroup.Open(context, choice))
            {
                group.RequireComplete("exported", s => $"kvol export {s} -o {s.Volume}.{format}");
                holds.AddRange(group.Volumes.All.Select(v => v.HoldToRead())); // nothing is removed between two archives
                (snapshots, id, jail) = (group.Snapshots, group.Id, group.Jail);
            }

            using var directory = OpenEmpty(path, context.Plan);
            var files = new List<string>();
            try
            {
                var results = new List<ExportResult>();
                foreach (var snapshot in snapshots)
                {
                    files.Add($"{snapshot.Volume}.{format}");
                    var file = $"{HostPath.Absolute(path).TrimEnd('/')}/{files[^1]}";
                    results.Add(format == "tar" ? Exporting.Run(context, snapshot.ToString(), file)
                        : Exporting.RunStream(context, snapshot.ToString(), null, raw, file));
                }

                var export = new GroupExport(id, jail, format, results);
                if (context.Plan is { } plan)
                {
                    plan.Note($"write {HostPath.Absolute(path).TrimEnd('/')}/{Manifest}");
                    return export;
                }

                StateFile.Write(directory, Manifest, export.Write);
                return export;
            }
            catch
            {
                foreach (var file in context.Plan is not null ? []
                    : files.Select(f => new ByteString(f)).Where(f => Files.Exists(directory, f)))
                {
                    Files.Remove(directory, file);
                }

                throw;
            }
        }
        finally
        {
            holds.ForEach(h => h?.Dispose());
        }
    }

    private static Fd OpenEmpty(string path, Plan? plan)
    {
        var name = new ByteString(HostPath.Absolute(path));
        if (plan is not null && !Files.Exists(Files.Here, name))
        {
            ArchiveTarget.Check(path, plan);
            plan.MakeDirectory(name);
            return Fd.None;
        }

        try
        {
            Files.MakeDirectory(Files.Here, name, Permissions.OwnerOnly);
        }
        catch (NativeException e) when (e.Failure == Failure.Exists)
        {
            // it must be empty
        }
        catch (NativeException e)
        {
            throw new KvolException(ExitStatus.CannotCreate, Shown.Word(path), $"cannot be made: {e.Reason}");
        }

        Fd directory;
        try
        {
            directory = Files.OpenDirectory(name);
        }
        catch (NativeException e) when (e.Failure is Failure.NotDirectory or Failure.Loop)
        {
            throw new KvolException(ExitStatus.CannotCreate, Shown.Word(path), "is not a directory; a group is exported into one");
        }

        using var listing = Files.Reopen(directory);
        var reader = new DirectoryReader();
        reader.Start(listing);
        if (!reader.MoveNext())
        {
            return directory;
        }

        directory.Dispose();
        throw new KvolException(ExitStatus.CannotCreate, Shown.Word(path), "is not empty; name a directory that is absent or empty");
    }
}
