using System;
using System.Security.Cryptography;
using System.Text;
using Kvol.Storage.Stores;
using Xunit;

namespace Kvol.Tests.Unit;

/// <summary>Keys of passphrases, as ZFS makes them.</summary>
public class Pbkdf2Vectors
{
    /// <summary>All but the fourth, which takes 16,777,216 iterations and shows no more than 4,096 do.</summary>
    [Theory]
    [InlineData("password", "salt", 1, "0c60c80f961f0e71f3a9b524af6012062fe037a6")]
    [InlineData("password", "salt", 2, "ea6c014dc72d6f8ccd1ed92ace1d41f0d8de8957")]
    [InlineData("password", "salt", 4096, "4b007901b765489abead49d926f721d065a429c1")]
    [InlineData("passwordPASSWORDpassword", "saltSALTsaltSALTsaltSALTsaltSALTsalt", 4096,
        "3d2eec4fe41c849b80c8d83662c0e44a8b291a964cf2f07038")]
    [InlineData("pass\0word", "sa\0lt", 4096, "56fa6aa75548099dcc37d7f03425e0c3")]
    public void The_vectors_of_RFC_6070(string password, string salt, ulong iterations, string key)
    {
        Assert.Equal(key, Convert.ToHexStringLower(
            Pbkdf2.Derive(Encoding.ASCII.GetBytes(password), Encoding.ASCII.GetBytes(salt), iterations, key.Length / 2)));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(55)]
    [InlineData(63)]
    [InlineData(64)]
    [InlineData(65)]
    [InlineData(119)]
    [InlineData(120)]
    [InlineData(128)]
    [InlineData(512)]
    public void A_password_of_any_length_gives_the_key_that_the_framework_gives(int length)
    {
        var random = new Random(length);
        var (password, salt) = (new byte[length], new byte[8]);
        random.NextBytes(password);
        random.NextBytes(salt);
        Assert.Equal(Rfc2898DeriveBytes.Pbkdf2(password, salt, 3, HashAlgorithmName.SHA1, 32), Pbkdf2.Derive(password, salt, 3, 32));
    }
}
