using System.Buffers.Binary;

namespace Pastry.Tests.Fuzz;

/// <summary>Changes valid bytes into what somebody sends who means harm. One seed gives one sequence of changes.</summary>
internal sealed class Mutator(int seed)
{
    private const int DepthMax = 20_000;

    // MessagePack's markers of arrays, maps, strings, bytes and extensions whose length follows; nil; and bytes that are no marker.
    private static readonly byte[] Markers = [0xC0, 0xC1, 0xC4, 0xC5, 0xC6, 0xC7, 0xC9, 0xCF, 0xD3, 0xD9, 0xDA, 0xDB, 0xDC, 0xDD, 0xDE, 0xDF, 0x9F, 0x8F, 0xBF, 0x00];
    private static readonly byte[] LongCounts = [0xC6, 0xC9, 0xDB, 0xDD, 0xDF];
    private static readonly byte[] Nests = [0x91, 0x81, 0x92, 0x9F];
    private static readonly ulong[] Extremes = [0, 1, 0x7F, 0x80, 0xFF, 0x7FFF, 0xFFFF, 0x1_0000, 0x2_0000, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFFF, long.MaxValue, ulong.MaxValue];

    public Random Random { get; } = new(seed);

    /// <summary>Takes one of the inputs and changes it once to four times.</summary>
    public byte[] Next(byte[][] valid)
    {
        var bytes = valid[Random.Next(valid.Length)];
        for (var changes = Random.Next(1, 5); changes > 0; changes--)
        {
            bytes = Change(bytes, valid[Random.Next(valid.Length)]);
        }

        return bytes;
    }

    private byte[] Change(byte[] bytes, byte[] other)
    {
        var at = Random.Next(bytes.Length + 1);
        return Random.Next(12) switch
        {
            0 => bytes[..at],
            1 => [.. bytes[..at], .. other[Random.Next(other.Length + 1)..]],
            2 => [.. bytes, .. Noise(Random.Next(40))],
            3 => [.. bytes[..at], .. bytes[Random.Next(at + 1)..]],
            4 => [.. bytes[..at], .. bytes[Math.Min(at + Random.Next(1, 9), bytes.Length)..]],
            5 => [.. bytes[..at], .. Nested(), .. bytes[at..]],
            6 => [.. bytes[..at], LongCounts[Random.Next(LongCounts.Length)], .. Extreme(4), .. bytes[at..]],
            7 => Replaced(bytes, at, Extreme(1 << Random.Next(4))),
            8 => Replaced(bytes, at, [Markers[Random.Next(Markers.Length)]]),
            9 => Replaced(bytes, at, Noise(Random.Next(1, 5))),
            _ => Flipped(bytes, at),
        };
    }

    private byte[] Noise(int length)
    {
        var noise = new byte[length];
        Random.NextBytes(noise);
        return noise;
    }

    private byte[] Nested()
    {
        var nested = new byte[Random.Next(8) == 0 ? Random.Next(DepthMax) : Random.Next(100)];
        Array.Fill(nested, Nests[Random.Next(Nests.Length)]);
        return nested;
    }

    private byte[] Extreme(int length)
    {
        var bytes = new byte[8];
        var value = Extremes[Random.Next(Extremes.Length)];
        if (Random.Next(2) == 0)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(bytes, value);
            return bytes[..length];
        }

        BinaryPrimitives.WriteUInt64BigEndian(bytes, value);
        return bytes[^length..];
    }

    /// <summary>Flips a bit; in the first bytes, where lengths and kinds stand, more often than elsewhere.</summary>
    private byte[] Flipped(byte[] bytes, int at)
    {
        byte[] flipped = [.. bytes];
        at = Random.Next(3) == 0 ? at % 40 : at;
        if (at < flipped.Length)
        {
            flipped[at] ^= (byte)(1 << Random.Next(8));
        }

        return flipped;
    }

    private static byte[] Replaced(byte[] bytes, int at, byte[] by)
    {
        byte[] replaced = [.. bytes];
        by.AsSpan(0, Math.Min(by.Length, bytes.Length - at)).CopyTo(replaced.AsSpan(at));
        return replaced;
    }
}
