using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using Kvol.Storage.Base;
using Kvol.Storage.Values;
using Xunit;

namespace Kvol.Tests.Unit;

/// <summary>Requests of HTTP are read as RFC 9112 says, however their bytes arrive; what could be read in two ways is refused.</summary>
public class HttpRequests(ITestOutputHelper output)
{
    private const string Post = "POST /VolumeDriver.List HTTP/1.1\r\nHost: x\r\n";

    // As the clients of Docker and podman write them.
    private static readonly string[] Good =
    [
        "POST /VolumeDriver.Mount HTTP/1.1\r\nHost: plugin\r\nUser-Agent: Go-http-client/1.1\r\nContent-Length: 23\r\n"
            + "Content-Type: application/vnd.docker.plugins.v1.1+json\r\nAccept-Encoding: gzip\r\n\r\n{\"Name\":\"a\",\"ID\":\"abc\"}",
        Post + "Transfer-Encoding: chunked\r\n\r\n3;x=y\r\nabc\r\nA\r\n0123456789\r\n0\r\nTrailer: x\r\n\r\n",
        Post + "Expect: 100-continue\r\nContent-Length: 2\r\n\r\n{}",
        "GET / HTTP/1.0\r\n\r\n",
        Post + "Connection: keep-alive, Close\r\nContent-Length: 0\r\n\r\n",
    ];

    private static List<HttpRequest> Read(byte[] bytes, int piece = int.MaxValue, Action? proceed = null)
    {
        var at = 0;
        var reader = new HttpReader(into =>
        {
            var n = Math.Min(Math.Min(piece, into.Length), bytes.Length - at);
            bytes.AsSpan(at, n).CopyTo(into);
            at += n;
            return n;
        }, proceed ?? (() => { }));
        var requests = new List<HttpRequest>();
        while (reader.Next() is { } request)
        {
            requests.Add(request);
        }

        return requests;
    }

    private static List<HttpRequest> Read(string text, int piece = int.MaxValue) => Read(Encoding.Latin1.GetBytes(text), piece);

    private static string BodyOf(HttpRequest request) => Encoding.Latin1.GetString(request.Body.Span);

    [Theory]
    [InlineData(int.MaxValue)]
    [InlineData(1)]
    [InlineData(7)]
    public void Several_requests_are_read_however_their_bytes_arrive(int piece)
    {
        var requests = Read(string.Concat(Good), piece);
        Assert.Equal(["POST", "POST", "POST", "GET", "POST"], requests.Select(r => r.Method));
        Assert.Equal("/VolumeDriver.Mount", requests[0].Target);
        Assert.Equal(["{\"Name\":\"a\",\"ID\":\"abc\"}", "abc0123456789", "{}", "", ""], requests.Select(BodyOf));
        Assert.Equal([false, false, false, true, true], requests.Select(r => r.IsLast));
    }

    [Fact]
    public void An_empty_line_between_requests_is_passed_over()
    {
        Assert.Equal(2, Read(Good[0] + "\r\n" + Good[0]).Count);
        Refused("\r\n\r\n" + Good[0]);
    }

    [Fact]
    public void Only_a_client_that_waits_is_told_to_go_on()
    {
        var told = 0;
        _ = Read(Encoding.Latin1.GetBytes(Good[2]), 1, () => told++);
        Assert.Equal(1, told);
        _ = Read(Encoding.Latin1.GetBytes(Good[2]), int.MaxValue, () => told++); // the body is there already
        _ = Read(Encoding.Latin1.GetBytes(Post + "Expect: 100-continue\r\n\r\n"), 1, () => told++); // there will be none
        Assert.Equal(1, told);
    }

    [Theory]
    [InlineData("GET\r\n\r\n")]
    [InlineData("POST  / HTTP/1.1\r\n\r\n")]
    [InlineData(" POST / HTTP/1.1\r\n\r\n")]
    [InlineData("POST /a b HTTP/1.1\r\n\r\n")]
    [InlineData("POST / HTTP/2.0\r\n\r\n")]
    [InlineData("POST / HTTP/1.1\n\n")]
    [InlineData("POST / HTTP/1.1\r\r\n\r\n")]
    [InlineData("PO(ST / HTTP/1.1\r\n\r\n")]
    [InlineData("POST /\x01 HTTP/1.1\r\n\r\n")]
    [InlineData("POST / HTTP/1.1\r\n: x\r\n\r\n")]
    [InlineData("POST / HTTP/1.1\r\nName\r\n\r\n")]
    [InlineData("POST / HTTP/1.1\r\nName : x\r\n\r\n")]
    [InlineData("POST / HTTP/1.1\r\nA: x\r\n folded\r\n\r\n")]
    [InlineData("POST / HTTP/1.1\r\nA: x\0y\r\n\r\n")]
    [InlineData("POST / HTTP/1.1\r\nA: x\ry\r\n\r\n")]
    [InlineData("POST / HTTP/1.1\r\nExpect: much\r\n\r\n")]
    [InlineData("POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n")]
    [InlineData("POST / HTTP/1.1\r\nContent-Length: +1\r\n\r\nx")]
    [InlineData("POST / HTTP/1.1\r\nContent-Length: 0x1\r\n\r\nx")]
    [InlineData("POST / HTTP/1.1\r\nContent-Length:\r\n\r\n")]
    [InlineData("POST / HTTP/1.1\r\nContent-Length: 1, 1\r\n\r\nx")]
    [InlineData("POST / HTTP/1.1\r\nContent-Length: 1\r\ncontent-length: 1\r\n\r\nx")]
    [InlineData("POST / HTTP/1.1\r\nContent-Length: 1048577\r\n\r\n")]
    [InlineData("POST / HTTP/1.1\r\nContent-Length: 99999999999999999999\r\n\r\n")]
    [InlineData("POST / HTTP/1.1\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n")]
    [InlineData("POST / HTTP/1.1\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n")]
    [InlineData("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n")]
    [InlineData("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n")]
    [InlineData("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\nx\r\n0\r\n\r\n")]
    [InlineData("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n\r\nx\r\n0\r\n\r\n")]
    [InlineData("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1 \r\nx\r\n0\r\n\r\n")]
    [InlineData("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nxy\r\n0\r\n\r\n")]
    [InlineData("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n100001\r\n")]
    [InlineData("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nFFFFFFFF\r\n")]
    [InlineData("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1FFFFFFFF\r\n")]
    [InlineData("\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03")] // a client that speaks TLS
    public void What_is_no_request_is_refused(string text) => Refused(text);

    [Fact]
    public void A_request_that_ends_in_the_middle_is_refused_at_each_byte()
    {
        foreach (var good in Good)
        {
            for (var length = 1; length < good.Length; length++)
            {
                Refused(good[..length]);
            }
        }
    }

    [Fact]
    public void Lines_headers_and_bodies_have_limits()
    {
        var name = "POST / HTTP/1.1\r\nA: ";
        Assert.Single(Read($"{name}{new string('x', HttpReader.LongestLine - 3)}\r\n\r\n"));
        Refused($"{name}{new string('x', HttpReader.LongestLine - 2)}\r\n\r\n");
        Refused($"POST /{new string('x', HttpReader.LongestLine)} HTTP/1.1\r\n\r\n");
        var headers = (int count) => Post + string.Concat(Enumerable.Repeat("A: x\r\n", count - 1)) + "\r\n";
        Assert.Single(Read(headers(HttpReader.MostHeaders)));
        Refused(headers(HttpReader.MostHeaders + 1));
        var body = new string('x', HttpReader.LargestBody);
        Assert.Equal(body, BodyOf(Read($"{Post}Content-Length: {body.Length}\r\n\r\n{body}", 5000).Single()));
        var chunks = string.Concat(Enumerable.Repeat($"8000\r\n{body[..0x8000]}\r\n", 32));
        Assert.Equal(body, BodyOf(Read($"{Post}Transfer-Encoding: chunked\r\n\r\n{chunks}0\r\n\r\n").Single()));
        Refused($"{Post}Transfer-Encoding: chunked\r\n\r\n{chunks}1\r\nx\r\n0\r\n\r\n");
    }

    [Fact]
    public void Changed_requests_are_read_or_refused()
    {
        new Fuzzer(output).Fuzz("requests of HTTP", [.. Good.Append(string.Concat(Good)).Select(Encoding.Latin1.GetBytes)], bytes =>
        {
            _ = Read(bytes, 13);
            Assert.True(Read(bytes).Sum(r => (long)r.Body.Length) <= bytes.Length);
        });
    }

    [Fact]
    public void An_answer_says_how_long_it_is_and_whether_it_is_the_last()
    {
        var answer = new HttpAnswer(HttpAnswer.NotAllowed, "text/x", "{}"u8.ToArray());
        Assert.Equal("HTTP/1.1 405 Method Not Allowed\r\nContent-Type: text/x\r\nContent-Length: 2\r\nAllow: POST\r\n"
            + "Connection: close\r\n\r\n{}", Encoding.ASCII.GetString(answer.Bytes(isLast: true)));
    }

    private static void Refused(string text)
    {
        var error = Assert.Throws<KvolException>(() => Read(text));
        Assert.Equal(ExitStatus.Damaged, error.Status);
        Assert.StartsWith("request: ", error.Message);
        Assert.Equal(error.Message, Assert.Throws<KvolException>(() => Read(text, 1)).Message);
    }
}
