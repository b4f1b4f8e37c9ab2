using System;
using System.Collections.Generic;
using System.Text;
using Kvol.Native;
using Kvol.Storage.Archives;
using Xunit;

namespace Kvol.Tests.Unit;

/// <summary>The records of extended headers, pax(1).</summary>
public class ExtendedHeaders
{
    [Theory]
    [InlineData(0, "7 key=\n")]
    [InlineData(1, "8 key=v\n")]
    [InlineData(2, "9 key=vv\n")]
    [InlineData(3, "11 key=vvv\n")]
    [InlineData(91, "99 key=")]
    [InlineData(92, "101 key=")]
    [InlineData(9989, "9999 key=")]
    [InlineData(9990, "10001 key=")]
    public void The_length_of_a_record_counts_its_own_digits(int value, string beginning)
    {
        var records = new PaxRecords();
        records.Add("key"u8, Latin(new string('v', value)));
        var text = Encoding.Latin1.GetString(records.Bytes);
        Assert.StartsWith(beginning, text, StringComparison.Ordinal);
        Assert.Equal(int.Parse(text.Split(' ')[0]), text.Length);
        Assert.Equal([("key", new string('v', value))], Read(text));
    }

    [Theory]
    [InlineData(1350244992, 23960108, "30 mtime=1350244992.023960108\n")]
    [InlineData(5, 0, "11 mtime=5\n")]
    [InlineData(-5, 0, "12 mtime=-5\n")]
    [InlineData(-5, 1, "22 mtime=-4.999999999\n")]
    [InlineData(-1, 750000000, "22 mtime=-0.250000000\n")]
    public void A_time_is_written_to_the_nanosecond_and_read_as_the_same(long seconds, long nanoseconds, string text)
    {
        var records = new PaxRecords();
        records.Add("mtime"u8, new FileTime(seconds, nanoseconds));
        Assert.Equal(text, Encoding.Latin1.GetString(records.Bytes));
        Assert.Equal(new FileTime(seconds, nanoseconds), TarBlock.Time(Latin(Read(text)[0].Value)));
    }

    [Fact]
    public void Records_follow_each_other_and_values_hold_any_byte()
    {
        var records = new PaxRecords();
        records.Add("path"u8, "a=b\nc\0\xff"u8);
        records.Add("uid"u8, 4294967294);
        records.Add("k"u8, ""u8);
        Assert.Equal(3, Read(Encoding.Latin1.GetString(records.Bytes)).Count);
        records.Clear();
        Assert.True(records.Bytes.IsEmpty);
    }

    [Theory]
    [InlineData("path=x\n")]
    [InlineData("8 path=x\nmore")]
    [InlineData("10 path=xy")]
    [InlineData("99 path=x\n")]
    [InlineData("3 \n")]
    [InlineData("8 pathx\n")]
    [InlineData("-9 path=x\n")]
    [InlineData("99999999999 path=x\n")]
    [InlineData("10\tpath=x\n")]
    public void What_is_not_a_record_is_not_read(string text)
    {
        ReadOnlySpan<byte> records = Latin(text);
        Assert.False(PaxRecords.TryRead(ref records, out _, out _));
    }

    [Theory]
    [InlineData("user.plain", "user.plain")]
    [InlineData("user.a=b", "user.a%3Db")]
    [InlineData("user.100%", "user.100%25")]
    [InlineData("user.%3D=", "user.%253D%3D")]
    public void A_name_of_an_attribute_is_escaped_and_comes_back(string name, string escaped)
    {
        Assert.Equal(escaped, Encoding.Latin1.GetString(PaxRecords.Escape(Latin(name))));
        Assert.Equal(name, Encoding.Latin1.GetString(PaxRecords.Unescape(Latin(escaped), everything: false)));
    }

    [Theory]
    [InlineData("a%20b", false, "a%20b")]
    [InlineData("a%20b", true, "a b")]
    [InlineData("a%2", true, "a%2")]
    [InlineData("a%", true, "a%")]
    [InlineData("%zz", true, "%zz")]
    [InlineData("%E9", true, "\xe9")]
    public void Only_what_its_writer_escapes_is_taken_back(string escaped, bool everything, string name)
    {
        Assert.Equal(name, Encoding.Latin1.GetString(PaxRecords.Unescape(Latin(escaped), everything)));
    }

    private static List<(string Key, string Value)> Read(string text)
    {
        var all = new List<(string, string)>();
        ReadOnlySpan<byte> records = Latin(text);
        while (!records.IsEmpty)
        {
            Assert.True(PaxRecords.TryRead(ref records, out var key, out var value));
            all.Add((Encoding.Latin1.GetString(key), Encoding.Latin1.GetString(value)));
        }

        return all;
    }

    private static byte[] Latin(string text) => Encoding.Latin1.GetBytes(text);
}
