using System.Buffers.Binary;

namespace P2P.YouServ.Dns;

/// <summary>Is what a server said to an update.</summary>
/// <param name="Code">What came of it.</param>
/// <param name="Signature">The answer's signature, whether right or not; null where it has none.</param>
/// <param name="IsSigned">Whether it is the server's, beyond doubt.</param>
internal sealed record UpdateAnswer(int Code, TsigRecord? Signature, bool IsSigned)
{
    private const int KindMask = DnsFormat.FlagResponse | DnsFormat.OpcodeMask;

    /// <summary>Whether it must not be believed as it stands: it claims to be signed and is not, or claims a success without being signed.</summary>
    public bool IsForged => !IsSigned && (Code == (int)ResponseCode.NoError || Signature is { Mac.Length: > 0 });

    /// <summary>Reads what came to the request with a number.</summary>
    /// <returns>Null where it is no answer to that.</returns>
    public static UpdateAnswer? Read(ReadOnlySpan<byte> message, ushort id, TsigKey key, byte[] requestMac, DateTimeOffset now)
    {
        if (message.Length < DnsFormat.HeaderLength
            || BinaryPrimitives.ReadUInt16BigEndian(message) != id
            || (BinaryPrimitives.ReadUInt16BigEndian(message[2..]) & KindMask) != (DnsFormat.FlagResponse | (DnsFormat.OpcodeUpdate << DnsFormat.OpcodeShift)))
        {
            return null;
        }

        var code = BinaryPrimitives.ReadUInt16BigEndian(message[2..]) & DnsFormat.ResponseCodeMask;
        var signature = FindLast(message) is { } at ? TsigRecord.Read(message, at) : null;
        return new UpdateAnswer(code, signature, signature is not null && Tsig.IsRight(message, signature, FindLast(message)!.Value, key, requestMac, now));
    }

    /// <summary>Finds where the last record begins.</summary>
    private static int? FindLast(ReadOnlySpan<byte> message)
    {
        var at = DnsFormat.HeaderLength;
        for (var questions = Count(message, 4); questions > 0; questions--)
        {
            if (!WireName.TrySkip(message, ref at) || (at += 4) > message.Length)
            {
                return null;
            }
        }

        int? last = null;
        for (var records = Count(message, 6) + Count(message, 8) + Count(message, 10); records > 0; records--)
        {
            last = at;
            if (!WireName.TrySkip(message, ref at) || message.Length - at < 10 || (at += 10 + Count(message, at + 8)) > message.Length)
            {
                return null;
            }
        }

        return at == message.Length ? last : null;
    }

    private static int Count(ReadOnlySpan<byte> message, int at) => BinaryPrimitives.ReadUInt16BigEndian(message[at..]);
}
