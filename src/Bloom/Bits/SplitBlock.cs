using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace P2P.Bloom.Bits;

/// <summary>
/// Sets and tests the eight bits of an element in its block of 256, one in each of eight words of 32 bits, as Parquet's BloomFilter.md
/// defines it. With AVX2 it takes a handful of instructions; elsewhere four steps give the same.
/// </summary>
internal static class SplitBlock
{
    public const int Words = 4;

    private static readonly Vector256<uint> Salts = Vector256.Create(
        0x47B6137Bu, 0x44974D91u, 0x8824AD5Bu, 0xA2B7289Du, 0x705495C7u, 0x2DF1424Bu, 0x9EFC4947u, 0x5C6BFB31u);

    public static bool IsAccelerated => Avx2.IsSupported && BitConverter.IsLittleEndian;

    /// <summary>Gives the first word of an element's block: the hash's upper 32 bits, scaled to the number of blocks.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static nuint Start(ulong hash, ulong blocks) => (nuint)((hash >> 32) * blocks >> 32) * Words;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool MayContain(ulong[] words, nuint start, uint hash) =>
        IsAccelerated ? MayContainAvx2(words, start, hash) : MayContainPortable(words, start, hash);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool AddUnshared(ulong[] words, nuint start, uint hash) =>
        IsAccelerated ? AddUnsharedAvx2(words, start, hash) : AddUnsharedPortable(words, start, hash);

    public static bool AddShared(ulong[] words, nuint start, uint hash)
    {
        // An element that is there already, which many are, costs no atomic operation.
        if (MayContain(words, start, hash))
        {
            return false;
        }

        var changed = false;
        for (var index = 0; index < Words; index++)
        {
            changed |= BitWords.SetShared(ref words[start + (nuint)index], Mask(hash, index));
        }

        return changed;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool MayContainAvx2(ulong[] words, nuint start, uint hash) =>
        Avx.TestC(Vector256.LoadUnsafe(ref MemoryMarshal.GetArrayDataReference(words), start), MaskAvx2(hash));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool AddUnsharedAvx2(ulong[] words, nuint start, uint hash)
    {
        ref var first = ref MemoryMarshal.GetArrayDataReference(words);
        var mask = MaskAvx2(hash);
        var block = Vector256.LoadUnsafe(ref first, start);
        (block | mask).StoreUnsafe(ref first, start);
        return !Avx.TestC(block, mask);
    }

    public static bool MayContainPortable(ulong[] words, nuint start, uint hash)
    {
        for (var index = 0; index < Words; index++)
        {
            var mask = Mask(hash, index);
            if ((words[start + (nuint)index] & mask) != mask)
            {
                return false;
            }
        }

        return true;
    }

    public static bool AddUnsharedPortable(ulong[] words, nuint start, uint hash)
    {
        var changed = false;
        for (var index = 0; index < Words; index++)
        {
            changed |= BitWords.SetUnshared(ref words[start + (nuint)index], Mask(hash, index));
        }

        return changed;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<ulong> MaskAvx2(uint hash) =>
        Avx2.ShiftLeftLogicalVariable(Vector256<uint>.One, (Vector256.Create(hash) * Salts) >>> 27).AsUInt64();

    private static ulong Mask(uint hash, int word) =>
        (1UL << (int)(hash * Salts[2 * word] >> 27)) | (1UL << (32 + (int)(hash * Salts[2 * word + 1] >> 27)));
}
