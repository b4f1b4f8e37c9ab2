using System;
using System.Collections.Generic;
using System.Globalization;
using System.Text.Json;
using Kvol.Storage.Values;

namespace Kvol.Storage.Archives;

/// <summary>Reads what <c>kvol ls -t snapshot --json</c> printed on another host. It comes from outside, so nothing of it is trusted, and
/// of each snapshot only the identity is kept.</summary>
internal sealed class SnapshotList
{
    private const int Chunk = 64 * 1024; // also the longest string
    private const long Limit = 64L << 20;
    private const string Command = "kvol ls -t snapshot --json VOL";

    private readonly string subject;
    private readonly VolumeName name;
    private readonly List<ulong> ofName = [], ofFirst = [];
    private VolumeName? first;
    private bool hasName, hasSeveral;
    private string property = "";
    private (string? Volume, string? Guid) entry;

    private SnapshotList(string subject, VolumeName name) => (this.subject, this.name) = (subject, name);

    /// <summary>Reads a list to its end. If it is about several volumes, the one of the given name counts. An error (65) for what is no
    /// such list or has more than 64 MiB, (69) for a list without identities, and (64) when it does not say which volume is
    /// meant.</summary>
    public static OtherSide Read(ArchiveInput input, string subject, VolumeName name)
    {
        var list = new SnapshotList(subject, name);
        if (input.Peek(1).IsEmpty)
        {
            throw list.Damaged($"is empty; it should be what the other host prints: {Command}");
        }

        var state = new JsonReaderState();
        for (var isLast = false; !isLast;)
        {
            var bytes = input.Peek(Chunk);
            isLast = bytes.Length < Chunk;
            var reader = new Utf8JsonReader(bytes, isLast, state);
            try
            {
                while (reader.Read())
                {
                    list.Take(ref reader);
                }
            }
            catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException) // the second: it is not UTF-8
            {
                throw list.NotAList(input.Count + reader.TokenStartIndex);
            }

            if (reader.BytesConsumed == 0 && !isLast)
            {
                throw list.NotAList(input.Count);
            }

            state = reader.CurrentState;
            _ = input.Take((int)reader.BytesConsumed);
            if (input.Count > Limit)
            {
                throw list.Damaged($"has more than {Limit >> 20} MiB; list one volume: {Command}");
            }
        }

        return list.Chosen();
    }

    private void Take(ref Utf8JsonReader reader)
    {
        switch (reader.CurrentDepth, reader.TokenType)
        {
            case (0, JsonTokenType.StartArray or JsonTokenType.EndArray):
                break;
            case (1, JsonTokenType.StartObject):
                entry = default;
                break;
            case (1, JsonTokenType.EndObject):
                Add();
                break;
            case (0 or 1, _):
                throw new FormatException();
            case (2, JsonTokenType.PropertyName):
                property = reader.GetString()!;
                break;
            case (2, JsonTokenType.String or JsonTokenType.Null) when property is "volume":
                entry.Volume = reader.GetString();
                break;
            case (2, JsonTokenType.String or JsonTokenType.Null) when property is "guid":
                entry.Guid = reader.GetString();
                break;
            case (2, not JsonTokenType.EndObject) when property is "volume" or "guid":
                throw new FormatException();
        }
    }

    private void Add()
    {
        if (entry.Volume is not { } volume || !VolumeName.IsValid(volume))
        {
            throw new FormatException();
        }

        var text = entry.Guid ?? throw new KvolException(ExitStatus.Unavailable, subject,
            "the list names no guids: it is of a directory store, which takes no ZFS streams, or of kvol 0.1.0");
        if (!ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var guid))
        {
            throw new FormatException();
        }

        first ??= VolumeName.Parse(volume);
        hasName |= volume == name.Text;
        hasSeveral |= volume != first.Text;
        if (volume == name.Text)
        {
            ofName.Add(guid);
        }
        else if (!hasSeveral)
        {
            ofFirst.Add(guid);
        }
    }

    private OtherSide Chosen() => hasName ? new OtherSide(name, ofName)
        : !hasSeveral ? new OtherSide(first ?? name, ofFirst)
        : throw new KvolException(ExitStatus.Usage, subject,
            $"lists several volumes, but no {name}; list the one that receives the stream: {Command}");

    private KvolException NotAList(long at) =>
        Damaged($"is not what the other host prints, at byte {at.ToString(CultureInfo.InvariantCulture)}: {Command}");

    private KvolException Damaged(string what) => new(ExitStatus.Damaged, subject, what);
}
