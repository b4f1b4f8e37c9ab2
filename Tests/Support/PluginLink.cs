using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Text;
using System.Text.Json;
using System.Threading.Tasks;
using Xunit;

namespace Kvol.Tests.Support;

/// <summary>An answer of HTTP.</summary>
internal sealed record Reply(int Status, IReadOnlyDictionary<string, string> Headers, string Body)
{
    public JsonElement Json => JsonDocument.Parse(Body).RootElement;

    public string Err => Json.GetProperty(nameof(Err)).GetString()!;

    public Reply Ok()
    {
        Assert.True(Status == 200, $"{Status}: {Body}");
        Assert.Equal("", Err);
        return this;
    }

    /// <summary>Checks that a call failed, in the way that both clients know.</summary>
    public Reply Refused(params string[] words)
    {
        Assert.Equal(500, Status);
        Assert.All(words, w => Assert.Contains(w, Err, StringComparison.Ordinal));
        return this;
    }
}

/// <summary>A client of <c>kvol plugin</c>, which runs for it as for a connection.</summary>
internal sealed class PluginLink : IDisposable
{
    private readonly Process process;
    private readonly Task<string> error;
    private readonly Stream output;

    public PluginLink(Box box, params string[] arguments)
        : this(box, Box.Binary, ["plugin", .. arguments])
    {
    }

    private PluginLink(Box box, string file, IReadOnlyList<string> arguments)
    {
        var start = new ProcessStartInfo(file)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = "/",
        };
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        foreach (var (key, value) in box.Environment)
        {
            start.Environment[key] = value;
        }

        process = Process.Start(start)!;
        error = process.StandardError.ReadToEndAsync();
        output = process.StandardOutput.BaseStream;
    }

    /// <summary>The same, with standard error where standard output is, as inetd(8) starts it.</summary>
    public static PluginLink OfInetd(Box box) => new(box, "sh", ["-c", "exec \"$0\" plugin 2>&1", Box.Binary]);

    public int Pid => process.Id;

    public string ErrorText => error.Result;

    public void Send(string text) => Send(Encoding.Latin1.GetBytes(text));

    public void Send(byte[] bytes)
    {
        try
        {
            process.StandardInput.BaseStream.Write(bytes);
            process.StandardInput.BaseStream.Flush();
        }
        catch (IOException)
        {
            // it has ended the connection; what it answered can still be read
        }
    }

    public void EndInput()
    {
        try
        {
            process.StandardInput.Close();
        }
        catch (IOException)
        {
        }
    }

    public static string Request(string call, string body) =>
        $"POST {call} HTTP/1.1\r\nHost: plugin\r\nContent-Length: {Encoding.UTF8.GetByteCount(body)}\r\n\r\n"
            + Encoding.Latin1.GetString(Encoding.UTF8.GetBytes(body));

    /// <summary>Makes a call of the protocol, and checks the form of the answer.</summary>
    public Reply Call(string call, object? body = null)
    {
        Send(Request(call.StartsWith('/') ? call : "/VolumeDriver." + call, body is null ? "" : JsonSerializer.Serialize(body)));
        var reply = Read();
        Assert.Equal("application/vnd.docker.plugins.v1.1+json", reply.Headers["Content-Type"]);
        return reply;
    }

    public string Mount(string name, string id) =>
        Call("Mount", new { Name = name, ID = id }).Ok().Json.GetProperty("Mountpoint").GetString()!;

    public Reply Unmount(string name, string id) => Call("Unmount", new { Name = name, ID = id });

    /// <summary>The next answer.</summary>
    public Reply Read()
    {
        var head = new List<byte>();
        while (!head.TakeLast(4).SequenceEqual("\r\n\r\n"u8.ToArray()))
        {
            var next = output.ReadByte();
            Assert.True(next >= 0, $"no answer: {Encoding.Latin1.GetString([.. head])}");
            head.Add((byte)next);
        }

        var lines = Encoding.Latin1.GetString([.. head]).Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        Assert.StartsWith("HTTP/1.1 ", lines[0]);
        var headers = lines[1..].Select(l => l.Split(": ", 2)).ToDictionary(p => p[0], p => p[1]);
        var body = new byte[headers.TryGetValue("Content-Length", out var length) ? int.Parse(length) : 0];
        output.ReadExactly(body);
        return new Reply(int.Parse(lines[0].Split(' ')[1]), headers, Encoding.UTF8.GetString(body));
    }

    /// <summary>What comes until the connection ends.</summary>
    public string ReadRest() => new StreamReader(output, Encoding.Latin1).ReadToEnd();

    /// <summary>Goes away without waiting for an answer.</summary>
    public void CloseOutput() => output.Dispose();

    public void Signal(int number) => _ = Libc.kill(process.Id, number);

    /// <summary>Waits for the end; the exit status.</summary>
    public int Wait(int seconds = 60)
    {
        Assert.True(process.WaitForExit(TimeSpan.FromSeconds(seconds)), "still running");
        return process.ExitCode;
    }

    public void Dispose()
    {
        if (!process.HasExited)
        {
            process.Kill(true);
            process.WaitForExit();
        }

        process.Dispose();
    }
}
