using System.Buffers;
using P2P.Bloom.Bits;
using P2P.Bloom.Wire;

namespace P2P.Bloom;

/// <summary>
/// Says what changed between two versions of a filter: which bits to set, and which to clear. It names both versions by fingerprints, so that it is
/// never applied to another, and may be applied twice. Immutable.
/// </summary>
/// <remarks>A hundred new words in three vectors of 64 Kbit take about 400 bytes, the whole filter up to 24 KiB.</remarks>
public sealed class BloomDelta
{
    internal BloomDelta(in FilterShape shape, ulong baseFingerprint, ulong resultFingerprint, long[] set, long[] cleared)
    {
        Shape = shape;
        BaseFingerprint = baseFingerprint;
        ResultFingerprint = resultFingerprint;
        Set = set;
        Cleared = cleared;
    }

    /// <summary>Gives the fingerprint of the version to which the delta applies.</summary>
    public ulong BaseFingerprint { get; }

    /// <summary>Gives the fingerprint of the version to which it leads.</summary>
    public ulong ResultFingerprint { get; }

    /// <summary>Counts the bits that it changes.</summary>
    public long ChangeCount => Set.LongLength + Cleared.LongLength;

    internal FilterShape Shape { get; }

    /// <summary>The positions, in words one after the other, of bits to set; ascending.</summary>
    internal long[] Set { get; }

    /// <summary>The positions of bits to clear; ascending.</summary>
    internal long[] Cleared { get; }

    /// <summary>Encodes the delta. <see cref="BloomFormat.ReadDelta"/> reads it.</summary>
    /// <exception cref="InvalidOperationException">The delta would take more bytes than an array can have.</exception>
    public byte[] ToBytes()
    {
        var encoding = new DeltaEncoding(this);
        var bytes = new byte[encoding.Length];
        encoding.Write(bytes);
        return bytes;
    }

    /// <summary>Encodes the delta into a buffer.</summary>
    /// <exception cref="InvalidOperationException">The delta would take more bytes than an array can have.</exception>
    public void WriteTo(IBufferWriter<byte> destination)
    {
        ArgumentNullException.ThrowIfNull(destination);
        var encoding = new DeltaEncoding(this);
        encoding.Write(destination.GetSpan(encoding.Length)[..encoding.Length]);
        destination.Advance(encoding.Length);
    }

    internal static BloomDelta Between(in FilterShape shape, ReadOnlySpan<ulong> older, ReadOnlySpan<ulong> newer)
    {
        var (set, cleared) = (new List<long>(), new List<long>());
        Span<ulong> difference = stackalloc ulong[1];
        for (var index = 0; index < older.Length; index++)
        {
            difference[0] = older[index] ^ newer[index];
            foreach (var bit in new SetBits(difference))
            {
                ((newer[index] >> (int)bit & 1) != 0 ? set : cleared).Add(((long)index << 6) + bit);
            }
        }

        return new BloomDelta(shape, BitWords.Fingerprint(older), BitWords.Fingerprint(newer), [.. set], [.. cleared]);
    }

    internal ulong[] ApplyTo(ulong[] words)
    {
        foreach (var position in Set)
        {
            words[position >> 6] |= 1UL << (int)position;
        }

        foreach (var position in Cleared)
        {
            words[position >> 6] &= ~(1UL << (int)position);
        }

        return words;
    }
}
