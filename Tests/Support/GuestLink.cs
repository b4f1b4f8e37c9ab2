using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.IO;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using System.Threading;
using Xunit;

namespace Kvol.Tests.Support;

/// <summary>The host's end of the connection to the agent: frames in the format of Tests/Guest/agent.c, many commands at once.</summary>
internal sealed class GuestLink : IDisposable
{
    private const int Start = 1, Input = 2, Signalled = 3, Ready = 4, Output = 5, Error = 6, Exit = 7, Wake = 8, Chunk = 1 << 16;

    private readonly NetworkStream stream;
    private readonly Dictionary<int, GuestCommand> commands = [];
    private readonly ManualResetEventSlim ready = new();
    private int last;
    private bool lost;

    public GuestLink(Socket socket)
    {
        stream = new NetworkStream(socket, true);
        new Thread(Read) { IsBackground = true, Name = "guest" }.Start();
    }

    /// <summary>Waits for the agent's first message, and sets the machine's clock and random seed.</summary>
    public bool WaitReady(TimeSpan limit)
    {
        if (!ready.Wait(limit) || lost)
        {
            return false;
        }

        var words = new byte[48];
        var (seconds, ticks) = Math.DivRem((DateTime.UtcNow - DateTime.UnixEpoch).Ticks, TimeSpan.TicksPerSecond);
        BinaryPrimitives.WriteInt64LittleEndian(words, seconds);
        BinaryPrimitives.WriteInt64LittleEndian(words.AsSpan(8), ticks * 100);
        RandomNumberGenerator.Fill(words.AsSpan(16));
        Send(0, Wake, words);
        return true;
    }

    public GuestCommand Run(string directory, IReadOnlyDictionary<string, string> environment, IReadOnlyList<string> arguments,
        byte[]? input)
    {
        var words = new List<string> { directory, environment.Count.ToString() };
        foreach (var (key, value) in environment)
        {
            words.Add(key + "=" + value);
        }

        words.AddRange(arguments);
        var command = new GuestCommand(this, Interlocked.Increment(ref last), string.Join(' ', arguments));
        lock (commands)
        {
            if (lost)
            {
                command.End(GuestCommand.Lost);
                return command;
            }

            commands[command.Id] = command;
        }

        Send(command.Id, Start, Encoding.UTF8.GetBytes(string.Join('\0', words) + "\0"));
        for (var at = 0; at < input?.Length; at += Chunk)
        {
            Send(command.Id, Input, input.AsSpan(at, Math.Min(Chunk, input.Length - at)));
        }

        Send(command.Id, Input, []);
        return command;
    }

    public void Signal(int id, int number, bool group)
    {
        var words = new byte[8];
        BinaryPrimitives.WriteInt32LittleEndian(words, number);
        words[4] = group ? (byte)1 : (byte)0;
        Send(id, Signalled, words);
    }

    public void Dispose() => stream.Dispose();

    private void Send(int id, int kind, ReadOnlySpan<byte> data)
    {
        var frame = new byte[12 + data.Length];
        BinaryPrimitives.WriteInt32LittleEndian(frame, id);
        BinaryPrimitives.WriteInt32LittleEndian(frame.AsSpan(4), kind);
        BinaryPrimitives.WriteInt32LittleEndian(frame.AsSpan(8), data.Length);
        data.CopyTo(frame.AsSpan(12));
        try
        {
            lock (stream)
            {
                stream.Write(frame);
            }
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            // When the reader ends, every running command ends.
        }
    }

    private void Read()
    {
        var header = new byte[12];
        try
        {
            while (true)
            {
                stream.ReadExactly(header);
                var data = new byte[BinaryPrimitives.ReadInt32LittleEndian(header.AsSpan(8))];
                stream.ReadExactly(data);
                Take(BinaryPrimitives.ReadInt32LittleEndian(header), BinaryPrimitives.ReadInt32LittleEndian(header.AsSpan(4)), data);
            }
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            List<GuestCommand> ended;
            lock (commands)
            {
                lost = true;
                ended = [.. commands.Values];
                commands.Clear();
            }

            foreach (var command in ended)
            {
                command.Err.Write("the test machine went away\n"u8);
                command.End(GuestCommand.Lost);
            }

            ready.Set();
        }
    }

    private void Take(int id, int kind, byte[] data)
    {
        if (kind == Ready)
        {
            ready.Set();
            return;
        }

        GuestCommand command;
        lock (commands)
        {
            command = commands[id];
            if (kind == Exit)
            {
                commands.Remove(id);
            }
        }

        switch (kind)
        {
            case Output:
                command.Out.Write(data);
                break;
            case Error:
                command.Err.Write(data);
                break;
            default:
                command.End(BinaryPrimitives.ReadInt32LittleEndian(data));
                break;
        }
    }
}

/// <summary>A command that runs in the guest, as <see cref="Running"/> is one on the host.</summary>
internal sealed class GuestCommand(GuestLink link, int id, string text) : IDisposable
{
    /// <summary>Exit status of a command whose guest stopped while it ran.</summary>
    public const int Lost = -1;

    private readonly ManualResetEventSlim ended = new();
    private int status;

    public int Id => id;

    public MemoryStream Out { get; } = new();

    public MemoryStream Err { get; } = new();

    public bool HasExited => ended.IsSet;

    /// <summary>Sends a signal to the command, or to all of its process group.</summary>
    public void Signal(int number, bool group = false) => link.Signal(id, number, group);

    public Result Wait(int seconds = 300)
    {
        if (!ended.Wait(TimeSpan.FromSeconds(seconds)))
        {
            Signal(9, true);
            ended.Wait(TimeSpan.FromSeconds(10));
            Assert.Fail($"still running in the guest after {seconds} s: {text}\n{Encoding.UTF8.GetString(Err.ToArray())}");
        }

        return new Result(status, Encoding.UTF8.GetString(Out.ToArray()), Encoding.UTF8.GetString(Err.ToArray()));
    }

    public void End(int exit)
    {
        status = exit;
        ended.Set();
    }

    public void Dispose()
    {
        if (!HasExited)
        {
            Signal(9, true);
            ended.Wait(TimeSpan.FromSeconds(10));
        }
    }
}
