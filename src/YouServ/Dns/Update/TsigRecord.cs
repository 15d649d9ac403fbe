using System.Buffers.Binary;

namespace P2P.YouServ.Dns;

/// <summary>Is the last record of a signed message (RFC 8945 §4.2). Names are on the wire's form, in lower case.</summary>
internal sealed record TsigRecord
{
    private const int TimeBytes = 6;

    public required byte[] Name { get; init; }

    public required byte[] Algorithm { get; init; }

    /// <summary>When it was signed, in seconds since 1970.</summary>
    public required ulong Time { get; init; }

    public required ushort Fudge { get; init; }

    public required ushort OriginalId { get; init; }

    public byte[] Mac { get; init; } = [];

    public ushort Error { get; init; }

    /// <summary>The server's time, where clocks differ.</summary>
    public byte[] Other { get; init; } = [];

    /// <summary>Reads the record that begins at a place and ends the message.</summary>
    /// <returns>Null where there is none.</returns>
    public static TsigRecord? Read(ReadOnlySpan<byte> message, int at)
    {
        if (WireName.Read(message, ref at) is not { } name || message.Length - at < 10 || ReadShort(message, at) != DnsFormat.TypeTsig || at + 10 + ReadShort(message, at + 8) != message.Length)
        {
            return null;
        }

        at += 10;
        if (WireName.Read(message, ref at) is not { } algorithm || message.Length - at < TimeBytes + 4)
        {
            return null;
        }

        var time = ((ulong)ReadShort(message, at) << 32) | BinaryPrimitives.ReadUInt32BigEndian(message[(at + 2)..]);
        var fudge = ReadShort(message, at + TimeBytes);
        at += TimeBytes + 2;
        if (ReadBytes(message, ref at) is not { } mac || message.Length - at < 6)
        {
            return null;
        }

        var (originalId, error) = (ReadShort(message, at), ReadShort(message, at + 2));
        at += 4;
        return ReadBytes(message, ref at) is { } other && at == message.Length
            ? new TsigRecord { Name = name, Algorithm = algorithm, Time = time, Fudge = fudge, Mac = mac, OriginalId = originalId, Error = error, Other = other }
            : null;
    }

    public byte[] ToWire()
    {
        byte[] data = [.. Algorithm, .. TimeAndFudge(), .. Short(Mac.Length), .. Mac, .. Short(OriginalId), .. Short(Error), .. Short(Other.Length), .. Other];
        return [.. Name, .. Short(DnsFormat.TypeTsig), .. Short(DnsFormat.ClassAny), .. new byte[4], .. Short(data.Length), .. data];
    }

    /// <summary>Gives the part of it that is signed (RFC 8945 §4.3.3).</summary>
    public byte[] ToVariables() => [.. Name, .. Short(DnsFormat.ClassAny), .. new byte[4], .. Algorithm, .. TimeAndFudge(), .. Short(Error), .. Short(Other.Length), .. Other];

    private byte[] TimeAndFudge() => [.. Short((int)(Time >> 32)), .. Short((int)(Time >> 16)), .. Short((int)Time), .. Short(Fudge)];

    private static byte[] Short(int value) => [(byte)(value >> 8), (byte)value];

    private static ushort ReadShort(ReadOnlySpan<byte> message, int at) => BinaryPrimitives.ReadUInt16BigEndian(message[at..]);

    private static byte[]? ReadBytes(ReadOnlySpan<byte> message, ref int at)
    {
        if (message.Length - at < 2 || message.Length - at - 2 < ReadShort(message, at))
        {
            return null;
        }

        var bytes = message.Slice(at + 2, ReadShort(message, at)).ToArray();
        at += 2 + bytes.Length;
        return bytes;
    }
}
