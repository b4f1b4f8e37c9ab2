using System;
using System.Text;
using Kvol.Storage.Archives;
using Xunit;

namespace Kvol.Tests.Unit;

/// <summary>The numbers, texts and checksums of the blocks before each member, tar(5).</summary>
public class TarBlocks
{
    [Theory]
    [InlineData("0000644\0", 420L)]
    [InlineData("    644 ", 420L)]
    [InlineData("0000644 ", 420L)]
    [InlineData("00000644", 420L)]
    [InlineData("\0\0\0\0\0\0\0\0", 0L)]
    [InlineData("        ", 0L)]
    [InlineData("77777777777\0", 8589934591L)]
    [InlineData("777777777777", 68719476735L)]
    [InlineData("\x80\0\0\0\0\0\0\x05", 5L)]
    [InlineData("\x80\0\0\0\x80\0\0\0\0\0\0\0", null)]
    [InlineData("\x80\0\0\0\x7f\xff\xff\xff\xff\xff\xff\xff", long.MaxValue)]
    [InlineData("\xff\xff\xff\xff\xff\xff\xff\xfe", -2L)]
    [InlineData("\xff\xff\xff\xff\x80\0\0\0\0\0\0\0", long.MinValue)]
    [InlineData("\xff\xff\xff\xff\x7f\0\0\0\0\0\0\0", null)]
    [InlineData("00006448", null)]
    [InlineData("0x00644\0", null)]
    [InlineData("-000644\0", null)]
    [InlineData("12 34\0\0\0", null)]
    public void A_number_is_octal_or_binary(string field, long? number)
    {
        Assert.Equal(number, TarBlock.Number(Latin(field)));
    }

    [Theory]
    [InlineData(8, 2097151L, "7777777\0")]
    [InlineData(8, 2097152L, null)]
    [InlineData(8, 0L, "0000000\0")]
    [InlineData(12, 8589934591L, "77777777777\0")]
    [InlineData(12, 8589934592L, null)]
    [InlineData(12, -1L, null)]
    public void What_does_not_fit_into_a_field_is_not_written(int size, long number, string? field)
    {
        var bytes = new byte[size];
        Assert.Equal(field is not null, TarBlock.TryWrite(bytes, number));
        Assert.Equal(field ?? new string('\0', size), Encoding.Latin1.GetString(bytes));
    }

    [Fact]
    public void A_text_ends_at_its_NUL_or_fills_the_field()
    {
        var block = new byte[TarBlock.Size];
        Assert.True(TarBlock.Text(block, TarBlock.Name).IsEmpty);
        "name\0rest"u8.CopyTo(block);
        Assert.Equal("name"u8, TarBlock.Text(block, TarBlock.Name));
        block.AsSpan(0, 101).Fill((byte)'n');
        Assert.Equal(100, TarBlock.Text(block, TarBlock.Name).Length);
    }

    [Fact]
    public void A_sealed_block_is_valid_and_any_changed_byte_makes_it_invalid()
    {
        var block = new byte[TarBlock.Size];
        new Random(1).NextBytes(block);
        TarBlock.Seal(block);
        Assert.True(TarBlock.IsValid(block));
        foreach (var at in new[] { 0, 99, 147, 156, 257, 511 })
        {
            block[at] ^= 1;
            Assert.False(TarBlock.IsValid(block));
            block[at] ^= 1;
        }

        Assert.True(TarBlock.IsValid(block));
    }

    [Fact]
    public void Sums_of_bytes_that_were_taken_as_signed_are_valid_too()
    {
        var block = new byte[TarBlock.Size];
        block.AsSpan(0, 10).Fill(0xe9);
        var sum = (8 * ' ') + (10 * (0xe9 - 256));
        block.AsSpan(20, 100).Fill((byte)'a');
        sum += 100 * 'a';
        Encoding.ASCII.GetBytes(Convert.ToString(sum, 8).PadLeft(6, '0') + "\0 ").CopyTo(block, 148);
        Assert.True(TarBlock.IsValid(block));
    }

    [Fact]
    public void The_mark_of_the_end_is_all_zeros()
    {
        var block = new byte[TarBlock.Size];
        Assert.True(TarBlock.IsZero(block));
        block[511] = 1;
        Assert.False(TarBlock.IsZero(block));
    }

    [Theory]
    [InlineData("1350244992", 1350244992L, 0L)]
    [InlineData("1350244992.023960108", 1350244992L, 23960108L)]
    [InlineData("1350244992.5", 1350244992L, 500000000L)]
    [InlineData("1.0000000019", 1L, 1L)]
    [InlineData("-5", -5L, 0L)]
    [InlineData("-4.999999999", -5L, 1L)]
    [InlineData("0.1", 0L, 100000000L)]
    [InlineData("-0.25", -1L, 750000000L)]
    public void A_time_of_an_extended_header_is_read_to_the_nanosecond(string text, long seconds, long nanoseconds)
    {
        Assert.Equal(new Native.FileTime(seconds, nanoseconds), TarBlock.Time(Latin(text)));
    }

    [Theory]
    [InlineData("x")]
    [InlineData("1.x")]
    [InlineData("99999999999999999999")]
    [InlineData("--1")]
    public void What_is_not_a_time_is_refused(string text) => Assert.Null(TarBlock.Time(Latin(text)));

    private static byte[] Latin(string text) => Encoding.Latin1.GetBytes(text);
}
