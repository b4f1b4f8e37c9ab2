using System;
using System.Diagnostics;
using System.Linq;
using Kvol.Tests.Support;
using Xunit;

namespace Kvol.Tests;

/// <summary>Whatever a client sends, it gets an answer of HTTP or the end of the connection, and nothing else.</summary>
public class PluginConnections
{
    private const string List = "POST /VolumeDriver.List HTTP/1.1\r\nHost: x\r\n";

    [Fact]
    public void Requests_that_come_together_are_answered_in_turn()
    {
        using var box = new Box();
        using var link = new PluginLink(box);
        link.Send(PluginLink.Request("/VolumeDriver.Create", """{"Name":"a"}""") + PluginLink.Request("/VolumeDriver.List", "")
            + PluginLink.Request("/VolumeDriver.Remove", """{"Name":"a"}""") + PluginLink.Request("/VolumeDriver.List", "{}"));
        link.EndInput();
        Assert.Equal([0, 1, 0, 0], Enumerable.Range(0, 4).Select(_ => link.Read().Ok().Json.TryGetProperty("Volumes", out var volumes)
            ? volumes.GetArrayLength() : 0));
        Assert.Equal("", link.ReadRest());
        Assert.Equal(0, link.Wait());
    }

    [Fact]
    public void A_body_may_come_in_chunks_and_after_a_word_to_go_on()
    {
        using var box = new Box();
        using var link = new PluginLink(box);
        link.Send("POST /VolumeDriver.Create HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nExpect: 100-continue\r\n\r\n");
        Assert.Equal(100, link.Read().Status);
        link.Send("9\r\n{\"Name\":\"\r\n4\r\nv\"}\n\r\n0\r\n\r\n");
        link.Read().Ok();
        Assert.Equal(["v"], box.Volumes);
    }

    [Fact]
    public void An_unknown_call_or_method_leaves_the_connection_usable()
    {
        using var box = new Box();
        using var link = new PluginLink(box);
        foreach (var call in (string[])["/", "/VolumeDriver.Get?x", "/VolumeDriver.get", "/VolumeDriver.Get/", "//VolumeDriver.Get"])
        {
            var reply = link.Call(call);
            Assert.Equal(404, reply.Status);
            Assert.Contains(call, reply.Err);
        }

        link.Send("GET /VolumeDriver.List HTTP/1.1\r\nHost: x\r\n\r\n");
        var wrong = link.Read();
        Assert.Equal(405, wrong.Status);
        Assert.Equal("POST", wrong.Headers["Allow"]);
        link.Send(PluginLink.Request("/VolumeDriver.Get", "[1,"));
        Assert.Equal(400, link.Read().Status);
        link.Call("List").Ok();
    }

    [Theory]
    [InlineData("\r\n\r\n\r\n")]
    [InlineData("POST /VolumeDriver.List HTTP/3\r\n\r\n")]
    [InlineData(List + "Content-Length: 9999999\r\n\r\n")]
    [InlineData(List + "Content-Length: 1\r\nContent-Length: 2\r\n\r\n")]
    [InlineData(List + "Transfer-Encoding: chunked\r\n\r\nzz\r\n")]
    [InlineData("\0\u0001\u0002\r\n\r\n")]
    public void What_is_no_request_is_answered_once_and_ends_the_connection(string text)
    {
        using var box = new Box();
        using var link = new PluginLink(box);
        link.Send(text + PluginLink.Request("/VolumeDriver.Create", """{"Name":"smuggled"}"""));
        var reply = link.Read();
        Assert.Equal(400, reply.Status);
        Assert.Equal("close", reply.Headers["Connection"]);
        Assert.StartsWith("request: ", reply.Err);
        Assert.Equal("", link.ReadRest());
        Assert.Equal(0, link.Wait());
        Assert.Empty(box.Volumes);
    }

    [Theory]
    [InlineData("POST /VolumeDriver.List HTTP/1.0\r\n\r\n")]
    [InlineData(List + "Connection: close\r\n\r\n")]
    [InlineData("HEAD / HTTP/1.1\r\n\r\n")]
    public void A_client_that_wants_one_answer_gets_the_end_after_it(string text)
    {
        using var box = new Box();
        using var link = new PluginLink(box);
        link.Send(text);
        Assert.Equal("close", link.Read().Headers["Connection"]);
        Assert.Equal("", link.ReadRest());
        Assert.Equal(0, link.Wait());
    }

    [Theory]
    [InlineData("")]
    [InlineData(List)]
    [InlineData(List + "Content-Length: 5\r\n\r\nabc")]
    public void Without_a_whole_request_it_ends_after_ten_seconds(string text)
    {
        using var box = new Box();
        using var link = new PluginLink(box);
        var clock = Stopwatch.StartNew();
        link.Send(text);
        Assert.StartsWith(text.Length > 0 ? "HTTP/1.1 400 " : "", link.ReadRest());
        Assert.Equal(0, link.Wait());
        Assert.True(clock.Elapsed > TimeSpan.FromSeconds(9.5), $"{clock.Elapsed}");
    }

    [Fact]
    public void SIGTERM_ends_it_at_once()
    {
        using var box = new Box();
        using var link = new PluginLink(box);
        link.Call("List").Ok();
        var clock = Stopwatch.StartNew();
        link.Signal(15);
        Assert.Equal("", link.ReadRest());
        Assert.Equal(128 + 15, link.Wait());
        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(5), $"{clock.Elapsed}");
    }

    [Fact]
    public void Messages_do_not_get_among_the_answers_where_inetd_makes_both_one()
    {
        using var box = new Box();
        box.Run("create", "a").Ok();
        Sys.Write(box.Metadata("a"), "{"u8.ToArray());
        using var link = PluginLink.OfInetd(box);
        link.Call("List").Ok(); // which warns of the volume
        link.Call("List").Ok();
        link.Signal(15);
        Assert.Equal("", link.ReadRest());
    }

    [Fact]
    public void A_person_at_a_terminal_is_told_what_starts_it()
    {
        using var box = new Box();
        Assert.Contains("is a terminal", box.Shell("script -qec '\"$KVOL\" plugin' /dev/null; exit 0").Out);
    }

    [Fact]
    public void Killed_at_any_moment_it_leaves_a_volume_or_none()
    {
        var random = new Random(4711);
        using var box = new Box();
        for (var i = 0; i < 20; i++)
        {
            using var link = new PluginLink(box);
            link.Send(PluginLink.Request("/VolumeDriver.Create", $$"""{"Name":"v{{i}}"}""")
                + PluginLink.Request("/VolumeDriver.Mount", $$"""{"Name":"v{{i}}","ID":"id{{i}}"}""")
                + PluginLink.Request("/VolumeDriver.Unmount", $$"""{"Name":"v{{i}}","ID":"id{{i}}"}"""));
            System.Threading.Thread.Sleep(random.Next(60));
            link.Signal(9);
            link.Wait();
            using var next = new PluginLink(box);
            next.Call("Create", new { Name = "v" + i }).Ok();
            next.Mount("v" + i, "id" + i);
            next.Unmount("v" + i, "id" + i).Ok();
            next.Unmount("v" + i, "id" + i).Ok(); // the one that was killed held it too
            next.Call("Remove", new { Name = "v" + i }).Ok();
        }

        Assert.Empty(box.Volumes);
        box.Run("gc").Ok();
        Assert.Empty(Sys.List(box.Store + "/volumes"));
    }

    [Fact]
    public void A_client_that_goes_away_before_the_answer_holds_nothing()
    {
        using var box = new Box();
        using (var link = new PluginLink(box))
        {
            link.CloseOutput();
            link.Send(PluginLink.Request("/VolumeDriver.Create", """{"Name":"v"}"""));
            Assert.Equal(0, link.Wait());
        }

        Assert.Equal(["v"], box.Volumes);
        using (var link = new PluginLink(box))
        {
            link.CloseOutput();
            link.Send(PluginLink.Request("/VolumeDriver.Mount", """{"Name":"v","ID":"one"}"""));
            Assert.Equal(0, link.Wait());
        }

        Assert.Empty(Sys.List(box.Top + "/run/holds"));
        box.Run("rm", "v").Ok();
    }
}
