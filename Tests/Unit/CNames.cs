using System;
using Kvol.Native;
using Xunit;

namespace Kvol.Tests.Unit;

/// <summary>Names on their way to the kernel, which takes them up to their first NUL.</summary>
public class CNames
{
    [Fact]
    public void A_name_ends_with_its_only_NUL()
    {
        Assert.Equal("a"u8, CName.Of("a\0"u8).Bytes);
        Assert.Equal("ab\0"u8, new ByteString("ab").Terminated);
        Assert.True(CName.Empty.Bytes.IsEmpty);
    }

    [Theory]
    [InlineData("a")]
    [InlineData("")]
    [InlineData("a\0b\0")]
    [InlineData("a\0\0")]
    public void What_the_kernel_would_read_otherwise_is_no_name(string bytes)
    {
        var failure = Assert.Throws<NativeException>(() => CName.Of(System.Text.Encoding.ASCII.GetBytes(bytes)).Bytes.Length);
        Assert.Equal(Failure.Invalid, failure.Failure);
    }

    [Fact]
    public void A_byte_string_with_a_NUL_reaches_no_call()
    {
        Assert.Equal(Failure.Invalid, Assert.Throws<NativeException>(() => Files.Exists(Files.Here, new ByteString("/etc\0/x"))).Failure);
    }

    [Fact]
    public void The_first_name_of_a_buffer_ends_inside_it()
    {
        Assert.Equal("a"u8, CName.First("a\0b\0"u8).Bytes);
        Assert.Throws<ArgumentException>(() => CName.First("ab"u8).Bytes.Length);
    }
}
