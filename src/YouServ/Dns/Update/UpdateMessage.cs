using System.Buffers.Binary;

namespace P2P.YouServ.Dns;

/// <summary>Writes requests to change a zone (RFC 2136 §2): the zone, and for each set the removal of what is there and what takes its place.</summary>
internal static class UpdateMessage
{
    /// <summary>What a connection carries, less what a signature needs.</summary>
    public const int LengthMax = ushort.MaxValue - 1024;

    /// <exception cref="ArgumentException">A set is none that can be published, or the message would be too long.</exception>
    public static byte[] Write(ushort id, DnsName zone, IReadOnlyList<ZoneChange> changes)
    {
        var message = new List<byte>();
        var records = changes.Sum(change => 1 + change.Set.Values.Distinct(StringComparer.Ordinal).Count());
        Append(message, id, DnsFormat.OpcodeUpdate << DnsFormat.OpcodeShift, 1, 0, records, 0);
        message.AddRange(zone.ToWire());
        Append(message, DnsFormat.TypeSoa, DnsFormat.ClassIn);
        foreach (var change in changes)
        {
            AppendRecord(message, change.Set, DnsFormat.ClassAny, timeToLive: 0, []);
            foreach (var value in change.Set.Values.Distinct(StringComparer.Ordinal))
            {
                AppendRecord(message, change.Set, DnsFormat.ClassIn, change.TimeToLive, RecordBody.Parse(change.Set.Type, value)!.Value.ToWire());
            }
        }

        return message.Count <= LengthMax
            ? [.. message]
            : throw new ArgumentException($"The changes take {message.Count} bytes, and one update has room for {LengthMax}. Publish them in several calls.", nameof(changes));
    }

    private static void AppendRecord(List<byte> message, DnsRecordSet set, ushort @class, uint timeToLive, byte[] body)
    {
        message.AddRange(set.Name.ToWire());
        Append(message, (int)set.Type, @class, (int)(timeToLive >> 16), (int)timeToLive, body.Length);
        message.AddRange(body);
    }

    private static void Append(List<byte> message, params ReadOnlySpan<int> values)
    {
        Span<byte> bytes = stackalloc byte[2];
        foreach (var value in values)
        {
            BinaryPrimitives.WriteUInt16BigEndian(bytes, (ushort)value);
            message.AddRange(bytes);
        }
    }
}
