using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using P2P.Bloom.Hashing;

namespace P2P.Bloom.Bits;

/// <summary>Works on bit vectors that are held in words of 64 bits, the bit of position p being bit p mod 64 of word ⌊p / 64⌋.</summary>
internal static class BitWords
{
    // A piece of a large filter that is hashed at a time. Part of the format.
    private const int FingerprintPiece = 1 << 21;

    /// <summary>Sets bits of a word that any thread may be changing; true if one of them was not set.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool SetShared(ref ulong word, ulong mask) =>
        (Volatile.Read(ref word) & mask) != mask && (Interlocked.Or(ref word, mask) & mask) != mask;

    /// <summary>Sets bits of a word that no other thread changes; true if one of them was not set.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool SetUnshared(ref ulong word, ulong mask)
    {
        var before = word;
        word = before | mask;
        return (before & mask) != mask;
    }

    public static long Count(ReadOnlySpan<ulong> words)
    {
        var count = 0L;
        foreach (var word in words)
        {
            count += BitOperations.PopCount(word);
        }

        return count;
    }

    public static long CountOfUnion(ReadOnlySpan<ulong> left, ReadOnlySpan<ulong> right)
    {
        var count = 0L;
        for (var index = 0; index < left.Length; index++)
        {
            count += BitOperations.PopCount(left[index] | right[index]);
        }

        return count;
    }

    public static void Or(Span<ulong> target, ReadOnlySpan<ulong> source)
    {
        for (var index = 0; index < target.Length; index++)
        {
            SetShared(ref target[index], source[index]);
        }
    }

    public static void And(Span<ulong> target, ReadOnlySpan<ulong> source)
    {
        for (var index = 0; index < target.Length; index++)
        {
            Interlocked.And(ref target[index], source[index]);
        }
    }

    public static bool IsSubset(ReadOnlySpan<ulong> left, ReadOnlySpan<ulong> right)
    {
        for (var index = 0; index < left.Length; index++)
        {
            if ((left[index] & ~right[index]) != 0)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Folds a vector: bit p of the source becomes bit ⌊p / factor⌋ of the target.</summary>
    public static void Fold(ReadOnlySpan<ulong> source, Span<ulong> target, long factor)
    {
        while ((factor & 1) == 0)
        {
            source = Halve(source);
            factor >>= 1;
        }

        if (factor == 1)
        {
            source[..target.Length].CopyTo(target);
            return;
        }

        foreach (var position in new SetBits(source))
        {
            var folded = position / factor;
            target[(int)(folded >> 6)] |= 1UL << (int)folded;
        }
    }

    /// <summary>Identifies contents: XXH64 of the words' bytes, in pieces of 2²⁴ bytes, each with the hash before it as seed.</summary>
    public static ulong Fingerprint(ReadOnlySpan<ulong> words)
    {
        var hash = 0UL;
        for (; words.Length > FingerprintPiece; words = words[FingerprintPiece..])
        {
            hash = HashPiece(words[..FingerprintPiece], hash);
        }

        return HashPiece(words, hash);
    }

    /// <summary>Copies words as bytes, least significant first.</summary>
    public static void Write(ReadOnlySpan<ulong> words, Span<byte> destination)
    {
        if (BitConverter.IsLittleEndian)
        {
            MemoryMarshal.AsBytes(words).CopyTo(destination);
            return;
        }

        for (var index = 0; index < words.Length; index++)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(destination[(8 * index)..], words[index]);
        }
    }

    /// <summary>Copies bytes, least significant first, into words.</summary>
    public static void Read(ReadOnlySpan<byte> source, Span<ulong> words)
    {
        for (var index = 0; index < words.Length; index++)
        {
            words[index] = BinaryPrimitives.ReadUInt64LittleEndian(source[(8 * index)..]);
        }
    }

    private static ulong HashPiece(ReadOnlySpan<ulong> words, ulong seed)
    {
        if (BitConverter.IsLittleEndian)
        {
            return Xxh64.Hash(MemoryMarshal.AsBytes(words), seed);
        }

        var bytes = new byte[words.Length * sizeof(ulong)];
        Write(words, bytes);
        return Xxh64.Hash(bytes, seed);
    }

    private static ulong[] Halve(ReadOnlySpan<ulong> source)
    {
        var halved = new ulong[(source.Length + 1) / 2];
        for (var index = 0; index < source.Length; index++)
        {
            halved[index >> 1] |= GatherPairs(source[index]) << ((index & 1) << 5);
        }

        return halved;
    }

    /// <summary>Makes one bit of each two neighbours: set if either is.</summary>
    private static ulong GatherPairs(ulong word)
    {
        word = (word | (word >> 1)) & 0x5555555555555555;
        word = (word | (word >> 1)) & 0x3333333333333333;
        word = (word | (word >> 2)) & 0x0F0F0F0F0F0F0F0F;
        word = (word | (word >> 4)) & 0x00FF00FF00FF00FF;
        word = (word | (word >> 8)) & 0x0000FFFF0000FFFF;
        return (word | (word >> 16)) & 0x00000000FFFFFFFF;
    }
}
