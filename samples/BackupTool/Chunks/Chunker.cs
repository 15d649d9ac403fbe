using System.Security.Cryptography;

namespace BackupTool.Chunks;

/// <summary>
/// Cuts content where a rolling hash of its last 64 bytes says so: an insertion moves the borders near it, and no others (FastCDC; Xia et al., ATC 2016). Borders come more easily once
/// a chunk has its normal length, so that most have about that.
/// </summary>
internal sealed class Chunker
{
    /// <summary>No chunk but the last of a file is shorter.</summary>
    public const int MinLength = 256 * 1024;

    public const int NormalLength = 1024 * 1024;

    /// <summary>No chunk is longer.</summary>
    public const int MaxLength = 4 * 1024 * 1024;

    /// <summary>How far back the hash looks: each byte moves it by one bit.</summary>
    private const int Window = 64;

    private const int NormalBits = 20;

    /// <summary>The hash's upper bits have seen the whole window. Before the normal length two more must be zero than its logarithm, after it two fewer.</summary>
    private const ulong StrictMask = ((1UL << (NormalBits + 2)) - 1) << (64 - NormalBits - 2);

    private const ulong LooseMask = ((1UL << (NormalBits - 2)) - 1) << (64 - NormalBits + 2);

    private readonly ulong[] _gear = new ulong[256];

    /// <param name="key">What the borders depend on.</param>
    public Chunker(ReadOnlySpan<byte> key)
    {
        var table = new byte[_gear.Length * sizeof(ulong)];
        HKDF.Expand(HashAlgorithmName.SHA256, key, table, "gear"u8);
        Buffer.BlockCopy(table, 0, _gear, 0, table.Length);
    }

    /// <summary>Finds the end of the first chunk of what is given.</summary>
    /// <param name="content">Content up to <see cref="MaxLength"/> or to its end.</param>
    /// <returns>The chunk's length: all of it where there is no border in it.</returns>
    public int Cut(ReadOnlySpan<byte> content)
    {
        if (content.Length <= MinLength)
        {
            return content.Length;
        }

        content = content[..Math.Min(content.Length, MaxLength)];
        var (gear, hash, place) = (_gear, 0UL, MinLength - Window);
        return Find(content, ref place, Math.Min(NormalLength, content.Length), StrictMask, gear, ref hash)
            || Find(content, ref place, content.Length, LooseMask, gear, ref hash)
            ? place
            : content.Length;
    }

    private static bool Find(ReadOnlySpan<byte> content, ref int place, int end, ulong mask, ulong[] gear, ref ulong hash)
    {
        var rolling = hash;
        for (var i = place; i < end; i++)
        {
            rolling = (rolling << 1) + gear[content[i]];
            if ((rolling & mask) == 0 && i >= MinLength)
            {
                place = i + 1;
                return true;
            }
        }

        (place, hash) = (end, rolling);
        return false;
    }
}
