using System;
using System.Buffers.Binary;
using System.Numerics;

namespace Kvol.Storage.Stores;

/// <summary>PBKDF2 with HMAC-SHA-1, RFC 8018 section 5.2, by which ZFS derives keys from passphrases. .NET's own needs an OpenSSL library
/// on the host.</summary>
internal static class Pbkdf2
{
    private const int HashSize = 20, BlockSize = 64;

    private static ReadOnlySpan<uint> Initial => [0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0];

    /// <summary>A key of the given number of bytes.</summary>
    public static byte[] Derive(ReadOnlySpan<byte> password, ReadOnlySpan<byte> salt, ulong iterations, int length)
    {
        Span<byte> key = stackalloc byte[BlockSize];
        if (password.Length > BlockSize)
        {
            Span<uint> whole = stackalloc uint[5];
            Initial.CopyTo(whole);
            Finish(whole, password, 0);
            Bytes(whole, key);
        }
        else
        {
            password.CopyTo(key);
        }

        Span<uint> inner = stackalloc uint[5], outer = stackalloc uint[5], hash = stackalloc uint[5], sum = stackalloc uint[5];
        Start(key, 0x36, inner);
        Start(key, 0x5c, outer);
        var result = new byte[length];
        Span<byte> message = stackalloc byte[salt.Length + 4], digest = stackalloc byte[HashSize];
        for (var (at, block) = (0, 1); at < length; at += HashSize, block++)
        {
            salt.CopyTo(message);
            BinaryPrimitives.WriteInt32BigEndian(message[salt.Length..], block);
            Hmac(inner, outer, message, hash, digest);
            hash.CopyTo(sum);
            for (ulong i = 1; i < iterations; i++)
            {
                Hmac(inner, outer, digest, hash, digest);
                for (var j = 0; j < sum.Length; j++)
                {
                    sum[j] ^= hash[j];
                }
            }

            Bytes(sum, digest);
            digest[..Math.Min(HashSize, length - at)].CopyTo(result.AsSpan(at));
        }

        return result;
    }

    /// <summary>The SHA-1 state after the key's padded block.</summary>
    private static void Start(ReadOnlySpan<byte> key, byte pad, Span<uint> state)
    {
        Span<byte> block = stackalloc byte[BlockSize];
        for (var i = 0; i < BlockSize; i++)
        {
            block[i] = (byte)(key[i] ^ pad);
        }

        Initial.CopyTo(state);
        Compress(state, block);
    }

    private static void Hmac(ReadOnlySpan<uint> inner, ReadOnlySpan<uint> outer, ReadOnlySpan<byte> message, Span<uint> hash,
        Span<byte> digest)
    {
        inner.CopyTo(hash);
        Finish(hash, message, BlockSize);
        Bytes(hash, digest);
        outer.CopyTo(hash);
        Finish(hash, digest, BlockSize);
        Bytes(hash, digest);
    }

    /// <summary>Hashes the rest of a message after its first <paramref name="before"/> bytes.</summary>
    private static void Finish(Span<uint> state, ReadOnlySpan<byte> rest, int before)
    {
        var total = before + rest.Length;
        Span<byte> block = stackalloc byte[BlockSize];
        for (; rest.Length >= BlockSize; rest = rest[BlockSize..])
        {
            Compress(state, rest[..BlockSize]);
        }

        block.Clear();
        rest.CopyTo(block);
        block[rest.Length] = 0x80;
        if (rest.Length >= BlockSize - 8)
        {
            Compress(state, block);
            block.Clear();
        }

        BinaryPrimitives.WriteInt64BigEndian(block[^8..], (long)total * 8);
        Compress(state, block);
    }

    private static void Bytes(ReadOnlySpan<uint> state, Span<byte> bytes)
    {
        for (var i = 0; i < state.Length; i++)
        {
            BinaryPrimitives.WriteUInt32BigEndian(bytes[(4 * i)..], state[i]);
        }
    }

    /// <summary>One block of SHA-1, FIPS 180-4 section 6.1.2.</summary>
    private static void Compress(Span<uint> state, ReadOnlySpan<byte> block)
    {
        Span<uint> w = stackalloc uint[80];
        for (var t = 0; t < 80; t++)
        {
            w[t] = t < 16 ? BinaryPrimitives.ReadUInt32BigEndian(block[(4 * t)..])
                : BitOperations.RotateLeft(w[t - 3] ^ w[t - 8] ^ w[t - 14] ^ w[t - 16], 1);
        }

        var (a, b, c, d, e) = (state[0], state[1], state[2], state[3], state[4]);
        for (var t = 0; t < 80; t++)
        {
            var (f, k) = t < 20 ? ((b & c) ^ (~b & d), 0x5a827999u) : t < 40 ? (b ^ c ^ d, 0x6ed9eba1u) : t < 60
                ? ((b & c) ^ (b & d) ^ (c & d), 0x8f1bbcdcu) : (b ^ c ^ d, 0xca62c1d6u);
            (a, b, c, d, e) = (unchecked(BitOperations.RotateLeft(a, 5) + f + e + k + w[t]), a, BitOperations.RotateLeft(b, 30), c, d);
        }

        unchecked
        {
            state[0] += a;
            state[1] += b;
            state[2] += c;
            state[3] += d;
            state[4] += e;
        }
    }
}
