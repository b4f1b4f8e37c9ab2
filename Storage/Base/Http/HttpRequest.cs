using System;
using System.Collections.Generic;
using System.Text;
using System.Text.Json;

namespace Kvol.Storage.Base;

/// <summary>A request as it came, whole.</summary>
/// <param name="Target">What it asks for: the path, with a query if there is one.</param>
/// <param name="IsLast">Whether the client wants the connection to end after the answer.</param>
internal sealed record HttpRequest(string Method, string Target, ReadOnlyMemory<byte> Body, bool IsLast);

/// <summary>The answer to a request: a status of RFC 9110, section 15, and a JSON document.</summary>
/// <param name="Type">The media type of the document.</param>
internal sealed record HttpAnswer(int Status, string Type, ReadOnlyMemory<byte> Body)
{
    /// <summary>Takes back what was done for a client that is gone before it could learn of it; null if that stays done.</summary>
    public Action? Undo { get; init; }

    /// <summary>An answer with a document that <paramref name="content"/> writes.</summary>
    public static HttpAnswer Json(int status, string type, Action<Utf8JsonWriter> content) =>
        new(status, type, StateFile.Text(content).ToArray());

    /// <summary>What is sent. <paramref name="isLast"/>: the connection ends after it.</summary>
    public byte[] Bytes(bool isLast)
    {
        var head = new List<string> { $"HTTP/1.1 {Status} {Reason}", $"Content-Type: {Type}", $"Content-Length: {Body.Length}" };
        if (Status == NotAllowed)
        {
            head.Add("Allow: POST");
        }

        if (isLast)
        {
            head.Add("Connection: close");
        }

        return [.. Encoding.ASCII.GetBytes(string.Join("\r\n", head) + "\r\n\r\n"), .. Body.Span];
    }

    public const int Ok = 200, BadRequest = 400, NotFound = 404, NotAllowed = 405, Failed = 500;

    private string Reason => Status switch
    {
        Ok => "OK",
        BadRequest => "Bad Request",
        NotFound => "Not Found",
        NotAllowed => "Method Not Allowed",
        _ => "Internal Server Error",
    };
}
