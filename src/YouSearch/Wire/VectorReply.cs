using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using P2P.YouSearch.Protocol;

namespace P2P.YouSearch.Wire;

/// <summary>
/// Is what holders of a vector answer: version (1 byte), outcome (1), epoch (8), the number of sets (1), and each set as its length in words (4) and the words (8 each), the bit of site n being bit n mod 64
/// of word ⌊n / 64⌋. Numbers are little-endian.
/// </summary>
/// <param name="Epoch">What changes whenever all was forgotten.</param>
/// <param name="Outcome">What has become of the request.</param>
/// <param name="Found">For each alternative of a query the sites that have its hashes.</param>
internal sealed record VectorReply(ulong Epoch, VectorOutcome Outcome, IReadOnlyList<SiteSet> Found)
{
    public const byte Version = 1;

    /// <summary>How many bytes a reply has at most.</summary>
    public const int LengthMax = HeaderLength + RegistrarBounds.AlternativesMax * (sizeof(int) + WordsMax * sizeof(ulong));

    private const int HeaderLength = 11;
    private const int WordsMax = VectorRequest.SitesMax / 64;

    public byte[] ToBytes()
    {
        var bytes = new byte[HeaderLength + Found.Sum(set => sizeof(int) + sizeof(ulong) * set.Words.Length)];
        bytes[0] = Version;
        bytes[1] = (byte)Outcome;
        BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(2), Epoch);
        bytes[10] = (byte)Found.Count;
        var rest = bytes.AsSpan(HeaderLength);
        foreach (var set in Found)
        {
            BinaryPrimitives.WriteInt32LittleEndian(rest, set.Words.Length);
            rest = rest[sizeof(int)..];
            foreach (var word in set.Words)
            {
                BinaryPrimitives.WriteUInt64LittleEndian(rest, word);
                rest = rest[sizeof(ulong)..];
            }
        }

        return bytes;
    }

    public static bool TryRead(ReadOnlySpan<byte> bytes, [NotNullWhen(true)] out VectorReply? reply)
    {
        reply = null;
        if (bytes.Length is < HeaderLength or > LengthMax || bytes[0] != Version || bytes[1] > (byte)VectorOutcome.Full || bytes[10] > RegistrarBounds.AlternativesMax)
        {
            return false;
        }

        var found = new SiteSet[bytes[10]];
        var rest = bytes[HeaderLength..];
        for (var index = 0; index < found.Length; index++)
        {
            if (rest.Length < sizeof(int) || BinaryPrimitives.ReadInt32LittleEndian(rest) is not (>= 0 and <= WordsMax and var length) || rest.Length < sizeof(int) + length * sizeof(ulong))
            {
                return false;
            }

            var words = new ulong[length];
            rest = rest[sizeof(int)..];
            for (var word = 0; word < length; word++)
            {
                words[word] = BinaryPrimitives.ReadUInt64LittleEndian(rest);
                rest = rest[sizeof(ulong)..];
            }

            found[index] = new SiteSet(words);
        }

        reply = new(BinaryPrimitives.ReadUInt64LittleEndian(bytes[2..]), (VectorOutcome)bytes[1], found);
        return rest.IsEmpty;
    }
}
