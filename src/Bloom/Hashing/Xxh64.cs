using System.Buffers.Binary;
using System.Numerics;

namespace P2P.Bloom.Hashing;

/// <summary>Computes XXH64 as its specification defines it. It is frozen: filters on wires and disks depend on each of its bits.</summary>
internal static class Xxh64
{
    private const ulong Prime1 = 0x9E3779B185EBCA87;
    private const ulong Prime2 = 0xC2B2AE3D27D4EB4F;
    private const ulong Prime3 = 0x165667B19E3779F9;
    private const ulong Prime4 = 0x85EBCA77C2B2AE63;
    private const ulong Prime5 = 0x27D4EB2F165667C5;
    private const int StripeLength = 32;

    public static ulong Hash(ReadOnlySpan<byte> bytes, ulong seed)
    {
        var length = (ulong)bytes.Length;
        var hash = seed + Prime5;
        if (bytes.Length >= StripeLength)
        {
            hash = HashStripes(bytes, seed);
            bytes = bytes[(bytes.Length & ~(StripeLength - 1))..];
        }

        hash += length;
        for (; bytes.Length >= 8; bytes = bytes[8..])
        {
            hash = Mix8(hash, BinaryPrimitives.ReadUInt64LittleEndian(bytes));
        }

        if (bytes.Length >= 4)
        {
            hash ^= BinaryPrimitives.ReadUInt32LittleEndian(bytes) * Prime1;
            hash = BitOperations.RotateLeft(hash, 23) * Prime2 + Prime3;
            bytes = bytes[4..];
        }

        foreach (var value in bytes)
        {
            hash ^= value * Prime5;
            hash = BitOperations.RotateLeft(hash, 11) * Prime1;
        }

        return Avalanche(hash);
    }

    /// <summary>Hashes the eight bytes of a number, least significant first.</summary>
    public static ulong Hash(ulong value, ulong seed) => Avalanche(Mix8(seed + Prime5 + 8, value));

    private static ulong HashStripes(ReadOnlySpan<byte> bytes, ulong seed)
    {
        var a = seed + Prime1 + Prime2;
        var b = seed + Prime2;
        var c = seed;
        var d = seed - Prime1;
        for (; bytes.Length >= StripeLength; bytes = bytes[StripeLength..])
        {
            a = Round(a, BinaryPrimitives.ReadUInt64LittleEndian(bytes));
            b = Round(b, BinaryPrimitives.ReadUInt64LittleEndian(bytes[8..]));
            c = Round(c, BinaryPrimitives.ReadUInt64LittleEndian(bytes[16..]));
            d = Round(d, BinaryPrimitives.ReadUInt64LittleEndian(bytes[24..]));
        }

        var hash = BitOperations.RotateLeft(a, 1) + BitOperations.RotateLeft(b, 7)
            + BitOperations.RotateLeft(c, 12) + BitOperations.RotateLeft(d, 18);
        return Merge(Merge(Merge(Merge(hash, a), b), c), d);
    }

    private static ulong Mix8(ulong hash, ulong value) => BitOperations.RotateLeft(hash ^ Round(0, value), 27) * Prime1 + Prime4;

    private static ulong Round(ulong lane, ulong value) => BitOperations.RotateLeft(lane + value * Prime2, 31) * Prime1;

    private static ulong Merge(ulong hash, ulong lane) => (hash ^ Round(0, lane)) * Prime1 + Prime4;

    private static ulong Avalanche(ulong hash)
    {
        hash = (hash ^ (hash >> 33)) * Prime2;
        hash = (hash ^ (hash >> 29)) * Prime3;
        return hash ^ (hash >> 32);
    }
}
