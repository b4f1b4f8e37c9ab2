using System;
using System.Linq;
using System.Text;
using Kvol.Storage.Archives;
using Kvol.Tests.Support;
using Xunit;

namespace Kvol.Tests.Unit;

/// <summary>The maps of files with holes in the formats of GNU tar.</summary>
public class MapsOfHoles
{
    private static Extent[] Two => [new(0, 4), new(4096, 8)];

    [Theory]
    [InlineData("0,4,4096,8", true)]
    [InlineData("", true)]
    [InlineData("0,4,4096", false)]
    [InlineData("0,-4", false)]
    [InlineData("0;4", false)]
    [InlineData("0,4x", false)]
    [InlineData("0,99999999999999999999", false)]
    public void A_map_in_a_record_is_pairs_of_numbers(string text, bool isMap)
    {
        var extents = Extents();
        Assert.Equal(isMap, SparseMap.TryParse(Encoding.ASCII.GetBytes(text), extents));
        if (text.Length > 10 && isMap)
        {
            Assert.Equal(Two, extents);
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(int.MaxValue)]
    public void A_map_before_the_data_takes_whole_blocks_of_it(int atOnce)
    {
        var stored = 512L + 12;
        var extents = Extents();
        var input = Bytes.Input(Block("2\n0\n4\n4096\n8\n"), atOnce);
        Assert.True(SparseMap.TryRead(input, ref stored, extents));
        Assert.Equal(Two, extents);
        Assert.Equal((12L, 512L), (stored, input.Count));
    }

    [Fact]
    public void A_map_may_be_longer_than_a_block()
    {
        var text = "200\n" + string.Concat(Enumerable.Range(0, 200).Select(i => $"{i * 8192}\n1\n"));
        var bytes = Block(text);
        var (stored, extents) = ((long)bytes.Length, Extents());
        Assert.True(SparseMap.TryRead(Bytes.Input(bytes), ref stored, extents));
        Assert.Equal((200, 0L, new Extent(199 * 8192, 1)), (extents.Count, stored, extents[199]));
    }

    [Theory]
    [InlineData("x\n")]
    [InlineData("\n2\n")]
    [InlineData("2\n0\n\n")]
    [InlineData("2 0 4")]
    [InlineData("1\n-4\n4\n")]
    [InlineData("99999999999999999999\n")]
    [InlineData("2\n0\n4\n")] // it says two, and the block ends
    public void What_is_not_a_map_is_refused(string text)
    {
        var stored = 512L;
        Assert.False(SparseMap.TryRead(Bytes.Input(Block(text)), ref stored, Extents()));
    }

    [Fact]
    public void A_map_longer_than_its_data_is_refused()
    {
        var stored = 511L;
        Assert.False(SparseMap.TryRead(Bytes.Input(Block("0\n")), ref stored, Extents()));
    }

    [Fact]
    public void A_map_that_says_how_many_pieces_come_is_not_believed()
    {
        var stored = 512L;
        var extents = new ExtentList((_, what) => new InvalidOperationException(what));
        var block = new TarBytes().Add("f").End().AsSpan(0, 512);
        extents.Begin(new TarMember(block, null, null, extents, (_, _) => new InvalidOperationException()));
        Assert.Contains("pieces of data", Assert.Throws<InvalidOperationException>(() =>
            SparseMap.TryRead(Bytes.Input(Block("1048577\n")), ref stored, extents)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_old_format_goes_on_in_more_blocks()
    {
        var header = new byte[512];
        Put(header, 386, 0, 4);
        Put(header, 410, 4096, 8);
        header[TarBlock.GnuExtendedAt] = 1;
        var more = new byte[512];
        for (var i = 0; i < 21; i++)
        {
            Put(more, 24 * i, 8192 * (i + 1), 1);
        }

        var extents = Extents();
        Assert.True(SparseMap.TryReadOld(header, Bytes.Input(more), extents));
        Assert.Equal((23, new Extent(8192 * 21, 1)), (extents.Count, extents[22]));
        more[0] = (byte)'x';
        Assert.False(SparseMap.TryReadOld(header, Bytes.Input(more), extents));

        static void Put(byte[] block, int at, int offset, int length) =>
            Encoding.ASCII.GetBytes($"{Convert.ToString(offset, 8),11}\0{Convert.ToString(length, 8),11}\0").CopyTo(block, at);
    }

    [Theory]
    [InlineData(4104L, 12L, null)]
    [InlineData(4103L, 12L, "out of order")]
    [InlineData(4104L, 13L, "12 bytes, but the archive has 13")]
    public void Pieces_lie_inside_the_file_and_add_up_to_what_is_there(long size, long stored, string? reason)
    {
        Said(reason, SparseMap.Check(Two, size, stored));
    }

    [Theory]
    [InlineData(4, 0, 0, 4)]
    [InlineData(0, 4, 3, 4)]
    [InlineData(0, -1, 0, 5)]
    [InlineData(long.MaxValue, 2, 0, 2)]
    [InlineData(1, long.MaxValue, 0, 5)]
    public void Pieces_do_not_overlap_run_back_or_overflow(long offset, long length, long second, long secondLength)
    {
        Said("out of order", SparseMap.Check([new(offset, length), new(second, secondLength)], 100, 8));
    }

    private static void Said(string? part, string? reason)
    {
        if (part is null)
        {
            Assert.Null(reason);
        }
        else
        {
            Assert.Contains(part, reason, StringComparison.Ordinal);
        }
    }

    private static ExtentList Extents() => new((_, what) => new InvalidOperationException(what));

    private static byte[] Block(string text) => Encoding.ASCII.GetBytes(text.PadRight((text.Length + 511) / 512 * 512, '\0'));
}
