using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.Json;
using Kvol.Native;
using Kvol.Storage.Base;
using Kvol.Storage.Mounts;
using Kvol.Storage.Stores;
using Kvol.Storage.Values;

namespace Kvol.Storage.Verbs;

/// <summary>The calls of the volume plugin protocol of Docker, which podman speaks too: docs/extend/plugins_volume.md of docker/cli. What a
/// call does is what a verb does. A failure is an answer with status 500, because podman looks at nothing else, and <c>Err</c>.</summary>
internal sealed class VolumePlugin
{
    private const string MountCall = "/VolumeDriver.Mount";

    private const string MediaType = "application/vnd.docker.plugins.v1.1+json";

    // podman waits 5 seconds for an answer (volume_plugin_timeout of containers.conf(5)), and a call may need two locks.
    private static readonly TimeSpan LockWait = TimeSpan.FromSeconds(2);

    private readonly Context context;

    /// <summary>Serves volumes of the context's store. Unless the administrator gave a time, it waits for locks no longer than a client
    /// waits for it.</summary>
    public VolumePlugin(Context context) => this.context = context with { WaitLimit = context.WaitLimit ?? LockWait };

    /// <summary>The answer to a failure, or to something that is not a request.</summary>
    public static HttpAnswer Error(int status, string message) =>
        HttpAnswer.Json(status, MediaType, json => Members(json, () => json.WriteString("Err", Shown.Of(message))));

    /// <summary>Does what a request asks for.</summary>
    public HttpAnswer Answer(HttpRequest request)
    {
        if (Find(request.Target) is not { } call)
        {
            return Error(HttpAnswer.NotFound, $"{Shown.Word(request.Target)}: no such call of the volume plugin protocol");
        }

        if (request.Method != "POST")
        {
            return Error(HttpAnswer.NotAllowed, $"{Shown.Word(request.Method)}: every call of the protocol is a POST");
        }

        PluginRequest asked;
        try
        {
            asked = PluginRequest.Parse(request.Body);
        }
        catch (KvolException e)
        {
            return Error(HttpAnswer.BadRequest, e.Message);
        }

        try
        {
            var write = call(asked);
            var answer = HttpAnswer.Json(HttpAnswer.Ok, MediaType, json => Members(json, () =>
            {
                write(json);
                json.WriteString("Err", "");
            }));
            return request.Target == MountCall ? answer with { Undo = () => Unmount(asked) } : answer;
        }
        catch (KvolException e)
        {
            return Error(HttpAnswer.Failed, e.Message);
        }
        catch (IOException e) when (HostProbe.StatusOf(e) != ExitStatus.Internal)
        {
            return Error(HttpAnswer.Failed, Failures.TextOf(e));
        }
    }

    private Func<PluginRequest, Action<Utf8JsonWriter>>? Find(string path) => path switch
    {
        "/Plugin.Activate" => Activate,
        "/VolumeDriver.Capabilities" => Capabilities,
        "/VolumeDriver.Create" => Create,
        "/VolumeDriver.Get" => Get,
        "/VolumeDriver.List" => List,
        "/VolumeDriver.Remove" => Remove,
        "/VolumeDriver.Path" => Path,
        MountCall => Mount,
        "/VolumeDriver.Unmount" => Unmount,
        _ => null,
    };

    private Action<Utf8JsonWriter> Activate(PluginRequest asked) => json =>
    {
        json.WriteStartArray("Implements");
        json.WriteStringValue("VolumeDriver");
        json.WriteEndArray();
    };

    private Action<Utf8JsonWriter> Capabilities(PluginRequest asked) => json =>
    {
        json.WriteStartObject("Capabilities");
        json.WriteString("Scope", "local");
        json.WriteEndObject();
    };

    private Action<Utf8JsonWriter> Create(PluginRequest asked)
    {
        new Volumes(context).Ensure(asked.Volume, asked.Wanted());
        return _ => { };
    }

    private Action<Utf8JsonWriter> Remove(PluginRequest asked)
    {
        var kept = new Volumes(context).Remove(asked.Volume, force: false, KeepTime.Of(context, null, destroys: false));
        Deleting.SayWayBack(context, kept is null ? [] : [kept]);
        return _ => { };
    }

    private Action<Utf8JsonWriter> List(PluginRequest asked)
    {
        var volumes = new Volumes(context).List(e => e.Entry is Volume, e => context.Warn(e.Message), everywhere: null)
            .Select(e => (Volume)e.Entry).ToArray();
        return json =>
        {
            json.WriteStartArray("Volumes");
            foreach (var volume in volumes)
            {
                Members(json, () => Describe(json, volume));
            }

            json.WriteEndArray();
        };
    }

    private Action<Utf8JsonWriter> Get(PluginRequest asked)
    {
        // The space that a dataset takes is one of its properties; that of a directory is the sum of its files.
        var (volume, used) = OpenedVolume.Look(context, asked.Volume, (store, found) =>
            (found, found.Dataset is null ? (long?)null : store.Used(found.Name)));
        return json =>
        {
            json.WriteStartObject("Volume");
            Describe(json, volume);
            json.WriteStartObject("Status");
            json.WriteString("state", volume.StateName);
            json.WriteString("dataset", volume.Dataset);
            json.WriteStartObject("labels");
            foreach (var (key, value) in volume.Labels)
            {
                json.WriteString(key, value);
            }

            json.WriteEndObject();
            WriteNumber(json, "quota", volume.Quota);
            WriteNumber(json, "used", (ulong?)used);
            json.WriteEndObject();
            json.WriteEndObject();
        };
    }

    private Action<Utf8JsonWriter> Path(PluginRequest asked)
    {
        var path = OpenedVolume.Look(context, asked.Volume, (store, volume) => store.ContentPath(volume.Name) ?? throw NotMounted(volume));
        return Mountpoint(path);
    }

    private Action<Utf8JsonWriter> Mount(PluginRequest asked)
    {
        var holder = Holder.Parse(Holder.Plugin, asked.Client);
        // With this lock nothing is healed, because that may take long.
        using var volume = OpenedVolume.Locked(context, asked.Volume, toRemove: true);
        if (volume.Require().State == VolumeState.Seeding)
        {
            throw new KvolException(ExitStatus.Busy, volume.Name.Text,
                "its seeding was interrupted, and to complete or undo that may take longer than the client waits; do it first: kvol gc");
        }

        _ = volume.RequireComplete();
        volume.Store.OpenContent(volume.Name).Dispose(); // mounts its dataset
        var path = volume.Store.ContentPath(volume.Name) ?? throw NotMounted(volume.Require());
        var answer = Mountpoint(path);
        Holds.Take(context, volume.Store,
            new Hold(holder, null, null, [new HeldVolume(volume.Store.Id, volume.Name, false, path.Text, null)]));
        LastUses.Note(context, volume.Store, [(volume.Name, null)]);
        return answer;
    }

    private Action<Utf8JsonWriter> Unmount(PluginRequest asked)
    {
        var holder = Holder.Parse(Holder.Plugin, asked.Client);
        var name = asked.Volume;
        // Without the volume's lock: whoever has it need not wait, and neither must the end of a container.
        using var store = VolumeStores.Open(context.Configuration, create: false, context.Upkeep);
        if (store is not null && Holds.Release(context, holder, store, name) is not null)
        {
            LastUses.Note(context, store, [(name, null)]);
        }

        return _ => { };
    }

    private static Action<Utf8JsonWriter> Mountpoint(ByteString path)
    {
        var text = path.Text;
        return text.Contains('\uFFFD', StringComparison.Ordinal)
            ? throw new KvolException(ExitStatus.Unavailable, path.ToString(), "is not UTF-8, and the protocol takes no other path")
            : json => json.WriteString("Mountpoint", text);
    }

    private static KvolException NotMounted(Volume volume) => new(ExitStatus.Unavailable, volume.Name.Text,
        volume.Dataset is { } dataset ? $"its dataset is not mounted; mount it: zfs mount {dataset}"
            : $"its directory cannot be seen; 'kvol inspect {volume.Name}' says more");

    private static void Describe(Utf8JsonWriter json, Volume volume)
    {
        json.WriteString("Name", volume.Name.Text);
        json.WriteString("Mountpoint", volume.Mounted ? volume.Mountpoint : "");
        json.WriteString("CreatedAt", Timestamp.Text(volume.Created));
    }

    private static void Members(Utf8JsonWriter json, Action write)
    {
        json.WriteStartObject();
        write();
        json.WriteEndObject();
    }

    private static void WriteNumber(Utf8JsonWriter json, string name, ulong? value)
    {
        if (value is { } number)
        {
            json.WriteNumber(name, number);
        }
        else
        {
            json.WriteNull(name);
        }
    }
}
