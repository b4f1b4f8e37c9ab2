using System.Collections.Generic;
using System.Linq;
using System.Text.Json;
using Kvol.Storage.Values;
using Kvol.Storage.Verbs;

namespace Kvol.Commands;

/// <summary>Prints what a file declares, and the differences between a host and its file.</summary>
internal static class DeclareOutput
{
    /// <summary>A file for <c>kvol apply</c>.</summary>
    public static void File(DeclaredHost host) => Output.Json(json =>
    {
        json.WriteStartObject();
        json.WriteNumber("version", DeclaredHost.Version);
        json.WriteStartArray("volumes");
        foreach (var volume in host.Volumes)
        {
            Volume(json, volume);
        }

        json.WriteEndArray();
        json.WriteStartArray("roots");
        foreach (var root in host.Roots)
        {
            json.WriteStartObject();
            json.WriteString("rootdir", root.Path);
            json.WriteString("jail", root.Jail);
            json.WriteStartArray("mounts");
            foreach (var mount in root.Mounts)
            {
                Mount(json, mount);
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    });

    /// <summary>Differences as JSON.</summary>
    public static void Steps(IEnumerable<PlanStep> steps) => Output.Json(json =>
    {
        json.WriteStartArray();
        foreach (var step in steps)
        {
            json.WriteStartObject();
            json.WriteString("action", WordOf(step.Action));
            if (step.Volume is { } volume)
            {
                json.WriteString("volume", volume.Text);
                json.WriteString("property", step.Property);
                json.WriteString("from", step.From);
                json.WriteString("to", step.To);
            }
            else
            {
                json.WriteString("rootdir", step.Root!.Path);
                json.WriteString("jail", step.Root.Jail);
                json.WritePropertyName("mount");
                Mount(json, step.Mount!);
            }

            json.WriteString("obstacle", step.Obstacle);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    });

    /// <summary>A difference as one line.</summary>
    public static string Line(PlanStep step)
    {
        var what = step switch
        {
            { Action: PlanAction.Create } => step.Volume!.Text,
            { Volume: { } volume } => $"{volume} {step.Property}={step.To ?? "none"} ({(step.From is { } now ? $"is {now}" : "not set")})",
            _ => $"{Shown.Quoted(step.Root!.Path)} {Shown.Quoted(step.Mount!.Text)}{(step.Root.Jail is { } jail ? $" for {jail}" : "")}",
        };
        return $"{WordOf(step.Action)} {what}{(step.Obstacle is { } obstacle ? $": cannot be done: {obstacle}" : "")}";
    }

    private static string WordOf(PlanAction action) => action switch
    {
        PlanAction.Create => "create",
        PlanAction.Set => "set",
        PlanAction.Mount => "mount",
        _ => "unmount",
    };

    private static void Volume(Utf8JsonWriter json, DeclaredVolume volume)
    {
        json.WriteStartObject();
        json.WriteString("name", volume.Name.Text);
        if (volume.Anonymous is { } anonymous)
        {
            json.WriteBoolean("anonymous", anonymous);
        }

        Texts(json, "labels", volume.Labels.Select(l => (l.Key, l.Value)));
        if (volume.Quota is > 0 and var quota)
        {
            json.WriteNumber("quota", quota);
        }
        else if (volume.Quota is not null)
        {
            json.WriteNull("quota");
        }

        if (volume.Policy is { } policy)
        {
            json.WriteString("snapshots", policy.Length > 0 ? policy : null);
        }

        if (volume.Uid is { } uid)
        {
            json.WriteString("owner", VolumePlan.Owner(uid, volume.Gid));
        }

        if (volume.Mode is { } mode)
        {
            json.WriteString("mode", TopText.OfMode(mode));
        }

        if (volume.Properties.Count > 0)
        {
            Texts(json, "properties", volume.Properties.Select(p => (p.Name, p.Value)));
        }

        json.WriteEndObject();
    }

    private static void Mount(Utf8JsonWriter json, MountSpec mount)
    {
        json.WriteStartObject();
        json.WriteString("type", mount.TypeText);
        json.WriteString("source", mount.Source);
        json.WriteString("destination", mount.Destination);
        json.WriteBoolean("read_only", mount.IsReadOnly);
        Output.Strings(json, "options", mount.Options().Where(o => o != "ro"));
        json.WriteEndObject();
    }

    private static void Texts(Utf8JsonWriter json, string name, IEnumerable<(string Key, string? Value)> texts)
    {
        json.WriteStartObject(name);
        foreach (var (key, value) in texts)
        {
            json.WriteString(key, value);
        }

        json.WriteEndObject();
    }
}
