using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Kvol.Tests.Support;

/// <summary>Checks JSON against the part of JSON Schema 2020-12 that the schemas in docs/schema use; refuses any other keyword.</summary>
internal sealed class JsonSchema
{
    private static readonly string[] Silent = ["$schema", "$id", "title", "$defs", "required", "properties", "additionalProperties"];

    private readonly JsonElement root;

    private JsonSchema(JsonElement root) => this.root = root;

    /// <summary>Reads docs/schema/NAME.schema.json.</summary>
    public static JsonSchema Read(string name) =>
        new(JsonDocument.Parse(File.ReadAllBytes($"{SourceTree.Top}/docs/schema/{name}.schema.json")).RootElement);

    /// <summary>What is wrong with a document, one line each; nothing if it fits.</summary>
    public IReadOnlyList<string> Errors(string document)
    {
        using var json = JsonDocument.Parse(document);
        return [.. Errors(root, json.RootElement, "$")];
    }

    private IEnumerable<string> Errors(JsonElement schema, JsonElement value, string place) =>
        schema.EnumerateObject().SelectMany(k => Errors(schema, k, value, place));

    private IEnumerable<string> Errors(JsonElement schema, JsonProperty keyword, JsonElement value, string place) => keyword.Name switch
    {
        "type" => Types(keyword.Value).Any(t => IsOf(t, value)) ? Members(schema, value, place) : [$"{place}: is {value.ValueKind}"],
        "const" => JsonElement.DeepEquals(keyword.Value, value) ? [] : [$"{place}: is not {keyword.Value}"],
        "enum" => keyword.Value.EnumerateArray().Any(v => JsonElement.DeepEquals(v, value)) ? [] : [$"{place}: is {value}"],
        "pattern" => value.ValueKind != JsonValueKind.String || Regex.IsMatch(value.GetString()!, keyword.Value.GetString()!) ? []
            : [$"{place}: {value} does not match"],
        "minimum" => value.ValueKind != JsonValueKind.Number || value.GetDecimal() >= keyword.Value.GetDecimal() ? []
            : [$"{place}: is {value}"],
        "items" => value.ValueKind != JsonValueKind.Array ? []
            : value.EnumerateArray().Index().SelectMany(e => Errors(keyword.Value, e.Item, $"{place}[{e.Index}]")),
        "anyOf" => keyword.Value.EnumerateArray().Select(s => Errors(s, value, place).ToArray()).ToArray() is var all
            && Array.Exists(all, e => e.Length == 0) ? [] : all.SelectMany(e => e),
        "$ref" => Errors(root.GetProperty("$defs").GetProperty(keyword.Value.GetString()!["#/$defs/".Length..]), value, place),
        _ => Silent.Contains(keyword.Name) ? [] : throw new InvalidDataException($"unknown keyword {keyword.Name}"),
    };

    private IEnumerable<string> Members(JsonElement schema, JsonElement value, string place)
    {
        if (value.ValueKind != JsonValueKind.Object)
        {
            yield break;
        }

        foreach (var name in schema.TryGetProperty("required", out var required) ? required.EnumerateArray() : [])
        {
            if (!value.TryGetProperty(name.GetString()!, out _))
            {
                yield return $"{place}: {name} is missing";
            }
        }

        foreach (var member in value.EnumerateObject())
        {
            var below = $"{place}.{member.Name}";
            var errors = schema.TryGetProperty("properties", out var known) && known.TryGetProperty(member.Name, out var own)
                ? Errors(own, member.Value, below)
                : !schema.TryGetProperty("additionalProperties", out var others) || others.ValueKind == JsonValueKind.True ? []
                : others.ValueKind == JsonValueKind.False ? [$"{below}: is not known"] : Errors(others, member.Value, below);
            foreach (var error in errors)
            {
                yield return error;
            }
        }
    }

    private static IEnumerable<string> Types(JsonElement type) =>
        type.ValueKind == JsonValueKind.Array ? type.EnumerateArray().Select(t => t.GetString()!) : [type.GetString()!];

    private static bool IsOf(string type, JsonElement value) => type switch
    {
        "object" => value.ValueKind == JsonValueKind.Object,
        "array" => value.ValueKind == JsonValueKind.Array,
        "string" => value.ValueKind == JsonValueKind.String,
        "boolean" => value.ValueKind is JsonValueKind.True or JsonValueKind.False,
        "null" => value.ValueKind == JsonValueKind.Null,
        "integer" => value.ValueKind == JsonValueKind.Number && value.TryGetDecimal(out var d) && d == Math.Floor(d),
        _ => throw new InvalidDataException($"unknown type {type}"),
    };
}
