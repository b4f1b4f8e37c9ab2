using Kvol.Storage.Values;
using Xunit;

namespace Kvol.Tests.Unit;

/// <summary>Numbers of bytes as zfs(8) takes and writes them.</summary>
public class Sizes
{
    [Theory]
    [InlineData(null, null)]
    [InlineData("none", null)]
    [InlineData("0", 0UL)]
    [InlineData("4096", 4096UL)]
    [InlineData("512B", 512UL)]
    [InlineData("1k", 1024UL)]
    [InlineData("1K", 1024UL)]
    [InlineData("12KiB", 12288UL)]
    [InlineData("7mb", 7340032UL)]
    [InlineData("1.5G", 1610612736UL)]
    [InlineData("0.5K", 512UL)]
    [InlineData(".5K", 512UL)]
    [InlineData("10G", 10737418240UL)]
    [InlineData("1T", 1UL << 40)]
    [InlineData("2P", 2UL << 50)]
    [InlineData("15E", 15UL << 60)]
    [InlineData("9223372036854775808", 1UL << 63)]
    public void A_size_is_a_number_with_a_unit(string? text, ulong? bytes) => Assert.Equal(bytes, Size.Parse("quota", text));

    [Theory]
    [InlineData("16E")]
    [InlineData("1Z")]
    [InlineData("99999999999999999999E")]
    [InlineData("79228162514264337593543950335K")]
    [InlineData("1.5")]
    [InlineData("1.5B")]
    [InlineData("-1")]
    [InlineData("+1")]
    [InlineData("")]
    [InlineData("G")]
    [InlineData("10iBbi")]
    [InlineData("10GG")]
    [InlineData("10G ")]
    [InlineData(" 10G")]
    [InlineData("10 G")]
    [InlineData("1,5G")]
    [InlineData("1e3")]
    [InlineData("0x10")]
    [InlineData("1.2.3G")]
    [InlineData("10BB")]
    [InlineData("10BiB")]
    [InlineData("None")]
    public void A_size_that_is_none_or_too_large_is_64(string text)
    {
        var failure = Assert.Throws<KvolException>(() => Size.Parse("quota", text));
        Assert.Equal(ExitStatus.Usage, failure.Status);
        Assert.StartsWith("quota ", failure.Message);
    }

    [Theory]
    [InlineData(0UL, "0")]
    [InlineData(1UL, "1")]
    [InlineData(1023UL, "1023")]
    [InlineData(1024UL, "1K")]
    [InlineData(1536UL, "1536")]
    [InlineData(10737418240UL, "10G")]
    [InlineData(1UL << 60, "1E")]
    [InlineData(ulong.MaxValue, "18446744073709551615")]
    public void The_exact_text_is_as_short_as_it_can_be(ulong bytes, string text)
    {
        Assert.Equal(text, Size.Exact(bytes));
        if (bytes < ulong.MaxValue)
        {
            Assert.Equal(bytes, Size.Parse("quota", text));
        }
    }

    [Theory]
    [InlineData(0UL, "0B")]
    [InlineData(1023UL, "1023B")]
    [InlineData(1024UL, "1K")]
    [InlineData(1536UL, "1.5K")]
    [InlineData(1048575UL, "1M")]
    [InlineData(10737418240UL, "10G")]
    [InlineData(ulong.MaxValue, "16E")]
    public void The_text_for_people_has_one_decimal(ulong bytes, string text) => Assert.Equal(text, Size.Text(bytes));
}
