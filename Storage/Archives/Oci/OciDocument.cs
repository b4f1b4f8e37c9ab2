using System;
using System.Collections.Generic;
using System.Linq;
using System.Text.Json;
using Kvol.Storage.Values;

namespace Kvol.Storage.Archives;

/// <summary>A mount of a container.</summary>
/// <param name="Destination">Its path in the container, without <c>.</c>, <c>..</c> and empty parts.</param>
/// <param name="What">Its source or its type, for messages.</param>
/// <param name="Start">Where its object begins in the text.</param>
internal sealed record OciMount(string Destination, string What, int Start);

/// <summary>A text that an OCI runtime works with: the configuration of a container (config.md of the runtime specification, 1.0 and
/// later), or its state (runtime.md). Only what kvol needs is read, with its place in the text; the rest must be JSON, and stays as it
/// is.</summary>
internal sealed class OciDocument
{
    private const int Deepest = 64;
    private const string Ours = "org.kvol.";

    private readonly string subject;
    private readonly List<(string Key, string Value)> annotations = [];
    private readonly List<OciMount> mounts = [];

    private OciDocument(ReadOnlyMemory<byte> text, string subject) => (Text, this.subject) = (text, subject);

    /// <summary>The text itself.</summary>
    public ReadOnlyMemory<byte> Text { get; }

    /// <summary>The root directory of the container, as it is written; null if there is none.</summary>
    public string? Root { get; private set; }

    /// <summary>The directory of the container's configuration; null if there is none.</summary>
    public string? Bundle { get; private set; }

    /// <summary>The annotations that are for kvol.</summary>
    public IReadOnlyList<(string Key, string Value)> Annotations => annotations;

    /// <summary>The mounts, in the order in which they are made.</summary>
    public IReadOnlyList<OciMount> Mounts => mounts;

    /// <summary>Where the members of the whole object begin.</summary>
    public (int Start, bool IsEmpty) Members { get; private set; }

    /// <summary>Where the annotations begin; null if there are none.</summary>
    public (int Start, bool IsEmpty)? AnnotationMembers { get; private set; }

    /// <summary>The place of the array of mounts, or of the null in its stead; null if there is neither.</summary>
    public (int Start, int End, bool IsNull)? MountArray { get; private set; }

    /// <summary>Where the last mount ends.</summary>
    public int LastMountEnd { get; private set; }

    /// <summary>Reads a text; an error (65) that names the line if it is not JSON, or not what the specification says.
    /// <paramref name="subject"/> is what messages call it.</summary>
    public static OciDocument Parse(ReadOnlyMemory<byte> text, string subject)
    {
        var document = new OciDocument(text, subject);
        try
        {
            document.Read();
            return document;
        }
        catch (JsonException e)
        {
            throw new KvolException(ExitStatus.Damaged, subject, $"line {(e.LineNumber ?? 0) + 1}: is not valid JSON");
        }
        catch (InvalidOperationException)
        {
            throw document.Wrong("a text in it is not valid Unicode");
        }
    }

    /// <summary>The error (65) of this text.</summary>
    public KvolException Wrong(string reason) => new(ExitStatus.Damaged, subject, reason);

    /// <summary>A path in a container, as it is compared: absolute, without <c>.</c>, <c>..</c> and empty parts.</summary>
    public static string Normal(string path)
    {
        var parts = new List<string>();
        foreach (var part in path.Split('/').Where(p => p.Length > 0 && p != "."))
        {
            if (part != "..")
            {
                parts.Add(part);
            }
            else if (parts.Count > 0)
            {
                parts.RemoveAt(parts.Count - 1);
            }
        }

        return "/" + string.Join('/', parts);
    }

    private void Read()
    {
        var reader = new Utf8JsonReader(Text.Span, new JsonReaderOptions { MaxDepth = Deepest });
        reader.Read();
        Require(reader.TokenType == JsonTokenType.StartObject, "it", "an object { }");
        var start = (int)reader.BytesConsumed;
        var keys = new HashSet<string>();
        while (NextKey(ref reader, keys, "it") is { } key)
        {
            switch (key)
            {
                case "annotations":
                    ReadAnnotations(ref reader);
                    break;
                case "mounts":
                    ReadMounts(ref reader);
                    break;
                case "root" when reader.TokenType == JsonTokenType.StartObject:
                    ReadRoot(ref reader);
                    break;
                case "bundle":
                    Bundle = TextOf(ref reader, "the bundle");
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }

        Members = (start, keys.Count == 0);
        reader.Read(); // an error if more follows
    }

    private void ReadAnnotations(ref Utf8JsonReader reader)
    {
        if (reader.TokenType == JsonTokenType.Null)
        {
            return;
        }

        Require(reader.TokenType == JsonTokenType.StartObject, "the member annotations", "an object { }");
        var start = (int)reader.BytesConsumed;
        var keys = new HashSet<string>();
        while (NextKey(ref reader, keys, "annotations") is { } key)
        {
            if (key.StartsWith(Ours, StringComparison.Ordinal))
            {
                annotations.Add((key, TextOf(ref reader, $"the annotation {Shown.Word(key)}")));
            }
            else
            {
                reader.Skip();
            }
        }

        AnnotationMembers = (start, keys.Count == 0);
    }

    private void ReadMounts(ref Utf8JsonReader reader)
    {
        var start = (int)reader.TokenStartIndex;
        if (reader.TokenType == JsonTokenType.Null)
        {
            MountArray = (start, (int)reader.BytesConsumed, true);
            return;
        }

        Require(reader.TokenType == JsonTokenType.StartArray, "the member mounts", "an array [ ]");
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            ReadMount(ref reader);
        }

        MountArray = (start, (int)reader.BytesConsumed, false);
    }

    private void ReadMount(ref Utf8JsonReader reader)
    {
        Require(reader.TokenType == JsonTokenType.StartObject, "a mount", "an object { }");
        var start = (int)reader.TokenStartIndex;
        string? destination = null, source = null, type = null;
        var keys = new HashSet<string>();
        while (NextKey(ref reader, keys, "a mount") is { } key)
        {
            switch (key)
            {
                case "destination":
                    destination = TextOf(ref reader, "the destination of a mount");
                    break;
                case "source" when reader.TokenType == JsonTokenType.String:
                    source = reader.GetString();
                    break;
                case "type" when reader.TokenType == JsonTokenType.String:
                    type = reader.GetString();
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }

        Require(!string.IsNullOrEmpty(destination), "a mount", "an object with a destination");
        mounts.Add(new OciMount(Normal(destination!), source ?? type ?? "a mount without a source", start));
        LastMountEnd = (int)reader.BytesConsumed;
    }

    private void ReadRoot(ref Utf8JsonReader reader)
    {
        var keys = new HashSet<string>();
        while (NextKey(ref reader, keys, "root") is { } key)
        {
            if (key == "path")
            {
                Root = TextOf(ref reader, "the path of the root directory");
            }
            else
            {
                reader.Skip();
            }
        }
    }

    // The name of the next member, with the reader at its value; null at the end of the object. A name that is there twice means one thing
    // to kvol and another one to the runtime.
    private string? NextKey(ref Utf8JsonReader reader, HashSet<string> keys, string what)
    {
        reader.Read();
        if (reader.TokenType == JsonTokenType.EndObject)
        {
            return null;
        }

        var key = reader.GetString()!;
        reader.Read();
        return keys.Add(key) ? key : throw Wrong($"the member {Shown.Word(key)} is there twice in {what}");
    }

    private string TextOf(ref Utf8JsonReader reader, string what)
    {
        Require(reader.TokenType == JsonTokenType.String, what, "a text");
        var text = reader.GetString()!;
        return text.Contains('\0', StringComparison.Ordinal) ? throw Wrong($"{what} has a NUL character") : text;
    }

    private void Require(bool isRight, string what, string described)
    {
        if (!isRight)
        {
            throw Wrong($"{what} must be {described}");
        }
    }
}
