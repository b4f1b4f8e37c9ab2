using System;
using System.Diagnostics;
using Kvol.Native;
using Kvol.Storage.Values;

namespace Kvol.Storage.Base;

/// <summary>A connection of one client on standard input and standard output, which may be one socket. Ends when the client ends it, when
/// no whole request comes for 10 seconds, and when an answer is not read for so long.</summary>
internal sealed class HttpConnection : IDisposable
{
    private const int Slice = 200; // milliseconds until an interruption is noticed

    // A pipe that poll(2) calls writable takes so many bytes at once, whatever else it holds: PIPE_BUF of POSIX.
    private const int Piece = 512;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly Fd input = new(0);
    private readonly Fd output;

    private HttpConnection(Fd output) => this.output = output;

    /// <summary>Takes standard output, so that nothing but answers gets there. inetd(8) makes standard error the same socket: then messages
    /// go nowhere.</summary>
    public static HttpConnection Open()
    {
        var isOne = Files.Status(new Fd(StandardStream.Output)).Identity == Files.Status(new Fd(StandardStream.Error)).Identity;
        var connection = new HttpConnection(StandardStream.TakeOutput());
        if (isOne)
        {
            StandardStream.SilenceError();
        }

        return connection;
    }

    /// <summary>Answers requests until the connection ends. What is not a request gets the answer of <paramref name="malformed"/> to its
    /// error, and ends it.</summary>
    public void Serve(Func<HttpRequest, HttpAnswer> answer, Func<KvolException, HttpAnswer> malformed, Action checkInterrupt)
    {
        var clock = Stopwatch.StartNew();
        var reader = new HttpReader(into => Receive(into, clock, checkInterrupt), () => _ = Send("HTTP/1.1 100 Continue\r\n\r\n"u8));
        for (var isLast = false; !isLast; clock.Restart())
        {
            HttpAnswer sent;
            try
            {
                if (reader.Next() is not { } request)
                {
                    return;
                }

                (sent, isLast) = (answer(request), request.IsLast || request.Method == "HEAD"); // whose answer would have no body
            }
            catch (KvolException e)
            {
                (sent, isLast) = (malformed(e), true);
            }

            if (!Send(sent.Bytes(isLast)))
            {
                sent.Undo?.Invoke();
                return;
            }
        }
    }

    public void Dispose() => output.Dispose();

    private int Receive(Span<byte> into, Stopwatch clock, Action checkInterrupt)
    {
        while (clock.Elapsed < Patience)
        {
            checkInterrupt();
            if (Readiness.WaitToRead(input, Slice))
            {
                try
                {
                    return Content.Read(input, into);
                }
                catch (NativeException e) when (e.Failure == Failure.WouldBlock)
                {
                    // another process took what was there
                }
                catch (NativeException e) when (!e.IsWrongQuestion)
                {
                    return 0; // the client broke the connection off
                }
            }
        }

        return 0;
    }

    // False if the client is gone or does not read. What was done for it stays done, so an interruption waits.
    private bool Send(ReadOnlySpan<byte> bytes)
    {
        var clock = Stopwatch.StartNew();
        try
        {
            while (!bytes.IsEmpty && clock.Elapsed < Patience)
            {
                if (Readiness.WaitToWrite(output, Slice))
                {
                    var piece = bytes[..Math.Min(bytes.Length, Piece)];
                    Content.Write(output, piece);
                    bytes = bytes[piece.Length..];
                }
            }
        }
        catch (NativeException e) when (!e.IsWrongQuestion)
        {
            return false;
        }

        return bytes.IsEmpty;
    }
}
