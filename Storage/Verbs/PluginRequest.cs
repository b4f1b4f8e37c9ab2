using System;
using System.Collections.Generic;
using System.Linq;
using Kvol.Storage.Base;
using Kvol.Storage.Values;

namespace Kvol.Storage.Verbs;

/// <summary>What a request of the volume plugin protocol carries. Not every call has all of it.</summary>
/// <param name="Options">The options of Create, as the user typed them.</param>
internal sealed record PluginRequest(string? Name, string? Id, IReadOnlyDictionary<string, string> Options)
{
    private const string Subject = "request";

    /// <summary>Reads the body of a request; an error (65) if it is not what the protocol says. Keys that a later version of the protocol
    /// may have are passed over. An empty body is an empty object.</summary>
    public static PluginRequest Parse(ReadOnlyMemory<byte> body)
    {
        string? name = null, id = null;
        var options = new SortedDictionary<string, string>(StringComparer.Ordinal);
        if (!body.Span.ContainsAnyExcept(" \t\r\n"u8))
        {
            return new PluginRequest(null, null, options);
        }

        var json = new JsonTokens(body, Subject);
        json.Document("the request", key =>
        {
            switch (key)
            {
                case "Name":
                    name = json.TextOrNull(key);
                    break;
                case "ID":
                    id = json.TextOrNull(key);
                    break;
                case "Opts" when !json.IsNull:
                    json.Members(key, option => options[option] = json.Text($"the option {Shown.Word(option)}"));
                    break;
                default:
                    json.Skip();
                    break;
            }
        });
        return new PluginRequest(name, id, options);
    }

    /// <summary>The volume that it names; an error (64) if it names none, or not as kvol does.</summary>
    public VolumeName Volume => VolumeName.Parse(Name ?? throw Missing(nameof(Name)));

    /// <summary>The client that it names; an error (64) if it names none.</summary>
    public string Client => Id is { Length: > 0 } ? Id : throw Missing("ID");

    /// <summary>The settings of a new volume; an error (64) names an option that is unknown or has a wrong value.</summary>
    public NewVolume Wanted()
    {
        var labels = new SortedDictionary<string, string>(StringComparer.Ordinal);
        var properties = new List<string>();
        var wanted = new NewVolume(Labels: labels, Properties: properties);
        foreach (var (option, value) in Options)
        {
            switch (option)
            {
                case "label":
                    var (key, text) = KeyValue.Split(value);
                    AddLabel(labels, option, key, text ?? "");
                    break;
                case PropertyName.Quota:
                    wanted = wanted with { Quota = Size.Parse(option, value) };
                    break;
                case "owner":
                    var (uid, gid) = TopText.ParseOwner(value) ?? throw Wrong(option, value, TopText.WrongOwner);
                    wanted = wanted with { Uid = uid, Gid = gid };
                    break;
                case "mode":
                    wanted = wanted with { Mode = TopText.ParseMode(value) ?? throw Wrong(option, value, TopText.WrongMode) };
                    break;
                case var _ when option.StartsWith(LabelPrefix, StringComparison.Ordinal):
                    AddLabel(labels, option, option[LabelPrefix.Length..], value);
                    break;
                case var _ when Settings.Contains(option):
                    properties.Add($"{option}={value}");
                    break;
                default:
                    throw new KvolException(ExitStatus.Usage, Shown.Word(option),
                        $"unknown option; known: label.KEY label owner mode quota {string.Join(' ', Settings)}");
            }
        }

        return wanted;
    }

    private const string LabelPrefix = "label.";

    // Those that 'create -o' and 'set' both know; a policy of snapshots has a key of its own.
    private static IEnumerable<string> Settings => PropertyName.All.Where(p => !p.HasKeyOfItsOwn).Select(p => p.Text);

    private static void AddLabel(SortedDictionary<string, string> labels, string option, string key, string value)
    {
        if (!PropertyName.IsKey(key) || !PropertyName.IsLabel(value))
        {
            throw Wrong(option, value, PropertyName.LabelForm);
        }

        if (!labels.TryAdd(key, value))
        {
            throw Wrong(option, value, "the label is given twice");
        }
    }

    private static KvolException Wrong(string option, string value, string reason) =>
        new(ExitStatus.Usage, Shown.Word($"{option}={value}"), reason);

    private static KvolException Missing(string key) => new(ExitStatus.Usage, Subject, $"{key} is missing");
}
