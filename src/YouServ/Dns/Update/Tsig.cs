using System.Buffers.Binary;
using System.Security.Cryptography;

namespace P2P.YouServ.Dns;

/// <summary>Signs messages, and verifies answers to them (RFC 8945).</summary>
internal static class Tsig
{
    /// <summary>By how much clocks may differ.</summary>
    public const ushort FudgeSeconds = 300;

    /// <summary>Adds a signature to a message.</summary>
    /// <returns>The signed message, and the code that an answer's signature covers as well.</returns>
    public static (byte[] Message, byte[] Mac) Sign(ReadOnlySpan<byte> message, TsigKey key, DateTimeOffset now)
    {
        var record = new TsigRecord { Name = key.Name.ToWire(), Algorithm = key.AlgorithmName.ToWire(), Time = (ulong)now.ToUnixTimeSeconds(), Fudge = FudgeSeconds, OriginalId = BinaryPrimitives.ReadUInt16BigEndian(message) };
        record = record with { Mac = ComputeMac(message, record, key, requestMac: null) };
        byte[] signed = [.. message, .. record.ToWire()];
        BinaryPrimitives.WriteUInt16BigEndian(signed.AsSpan(10), (ushort)(BinaryPrimitives.ReadUInt16BigEndian(message[10..]) + 1));
        return (signed, record.Mac);
    }

    /// <summary>Verifies that an answer is that of whoever has the key, to the request with that code, and not older than clocks may differ.</summary>
    /// <param name="answer">The answer as it came.</param>
    /// <param name="record">Its signature.</param>
    /// <param name="recordAt">Where that begins.</param>
    /// <param name="key">The key.</param>
    /// <param name="requestMac">The request's code.</param>
    /// <param name="now">The time.</param>
    public static bool IsRight(ReadOnlySpan<byte> answer, TsigRecord record, int recordAt, TsigKey key, byte[] requestMac, DateTimeOffset now)
    {
        if (!record.Name.AsSpan().SequenceEqual(key.Name.ToWire()) || !record.Algorithm.AsSpan().SequenceEqual(key.AlgorithmName.ToWire()) || record.Mac.Length != key.MacLength)
        {
            return false;
        }

        // What was signed did not have the signature, and had the number that the request was given first.
        var signed = answer[..recordAt].ToArray();
        BinaryPrimitives.WriteUInt16BigEndian(signed, record.OriginalId);
        BinaryPrimitives.WriteUInt16BigEndian(signed.AsSpan(10), (ushort)(BinaryPrimitives.ReadUInt16BigEndian(signed.AsSpan(10)) - 1));
        var age = now.ToUnixTimeSeconds() - (long)record.Time;
        return CryptographicOperations.FixedTimeEquals(ComputeMac(signed, record, key, requestMac), record.Mac) && Math.Abs(age) <= record.Fudge;
    }

    private static byte[] ComputeMac(ReadOnlySpan<byte> message, TsigRecord record, TsigKey key, byte[]? requestMac)
    {
        using var mac = key.CreateMac();
        if (requestMac is not null)
        {
            mac.AppendData([(byte)(requestMac.Length >> 8), (byte)requestMac.Length]);
            mac.AppendData(requestMac);
        }

        mac.AppendData(message);
        mac.AppendData(record.ToVariables());
        return mac.GetHashAndReset();
    }
}
