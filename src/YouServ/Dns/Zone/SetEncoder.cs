using System.Buffers.Binary;

namespace P2P.YouServ.Dns;

/// <summary>Encodes the records of a zone's sets, once and for all answers.</summary>
internal sealed class SetEncoder
{
    private const int TypeToLengthBytes = 10;

    // Secondaries would go by these; there are none, since zones are not transferred.
    private const uint Refresh = 3600;
    private const uint Retry = 600;
    private const uint Expire = 604_800;

    private readonly DnsName _origin;
    private readonly List<byte> _records = [];
    private readonly List<ushort> _owners = [];
    private readonly List<ushort> _origins = [];

    private SetEncoder(DnsName origin) => _origin = origin;

    /// <summary>Encodes a set that has values.</summary>
    /// <exception cref="ArgumentException">A value is none of its type, or there are too many.</exception>
    public static EncodedSet Encode(DnsName origin, DnsRecordSet set, uint timeToLive)
    {
        // In one order and without repetitions, so that the same set is the same bytes.
        RecordBody[] bodies =
        [
            .. set.Values.Select(value => RecordBody.Parse(set.Type, value) ?? throw NoValue(set, value))
                .DistinctBy(body => Convert.ToHexString(body.ToWire()))
                .OrderBy(body => Convert.ToHexString(body.ToWire()), StringComparer.Ordinal),
        ];
        if (set.Type == DnsRecordType.Cname && bodies.Length > 1)
        {
            throw new ArgumentException($"{set.Name} can be another word for one name, not for {bodies.Length}.", nameof(set));
        }

        var encoder = new SetEncoder(origin);
        foreach (var body in bodies)
        {
            encoder.Begin((ushort)set.Type, timeToLive);
            encoder.Append(body.Bytes);
            if (body.Name is { } name)
            {
                encoder.Append(name);
            }

            encoder.End();
        }

        if (bodies.Length > DnsRecordSet.ValuesMax || encoder._records.Count > DnsRecordSet.BytesMax)
        {
            throw new ArgumentException($"{set.Name} has too much of {set.Type}: {bodies.Length} values of {encoder._records.Count} bytes; at most {DnsRecordSet.ValuesMax} and {DnsRecordSet.BytesMax}.", nameof(set));
        }

        return encoder.ToSet((ushort)set.Type, set.Type == DnsRecordType.Cname ? bodies[0].Name!.Value.ToWire() : null);
    }

    /// <summary>Encodes what a zone says of itself (RFC 1035 §3.3.13).</summary>
    /// <param name="origin">The zone.</param>
    /// <param name="start">The rest.</param>
    /// <param name="serial">The number of this version of the zone.</param>
    public static EncodedSet EncodeStart(DnsName origin, in ZoneStart start, uint serial)
    {
        var encoder = new SetEncoder(origin);
        encoder.Begin(DnsFormat.TypeSoa, start.NegativeTimeToLive);
        encoder.Append(start.PrimaryServer);
        encoder.Append(start.Contact);
        Span<byte> numbers = stackalloc byte[20];
        uint[] values = [serial, Refresh, Retry, Expire, start.NegativeTimeToLive];
        for (var index = 0; index < values.Length; index++)
        {
            BinaryPrimitives.WriteUInt32BigEndian(numbers[(4 * index)..], values[index]);
        }

        encoder.Append(numbers);
        encoder.End();
        return encoder.ToSet(DnsFormat.TypeSoa, target: null);
    }

    private void Begin(ushort type, uint timeToLive)
    {
        _owners.Add((ushort)_records.Count);
        Span<byte> head = stackalloc byte[2 + TypeToLengthBytes];
        BinaryPrimitives.WriteUInt16BigEndian(head, DnsFormat.QuestionPointer);
        BinaryPrimitives.WriteUInt16BigEndian(head[2..], type);
        BinaryPrimitives.WriteUInt16BigEndian(head[4..], DnsFormat.ClassIn);
        BinaryPrimitives.WriteUInt32BigEndian(head[6..], timeToLive);
        Append(head);
    }

    private void End()
    {
        var start = _owners[^1] + 2 + TypeToLengthBytes;
        var length = _records.Count - start;
        (_records[start - 2], _records[start - 1]) = ((byte)(length >> 8), (byte)length);
    }

    private void Append(ReadOnlySpan<byte> bytes)
    {
        foreach (var value in bytes)
        {
            _records.Add(value);
        }
    }

    private void Append(DnsName name)
    {
        ReadOnlySpan<byte> wire = name.ToWire();
        if (!name.IsWithin(_origin))
        {
            Append(wire);
            return;
        }

        Append(wire[..^_origin.WireLength]);
        _origins.Add((ushort)_records.Count);
        Append([0, 0]);
    }

    private EncodedSet ToSet(ushort type, byte[]? target) => new(type, [.. _records], [.. _owners], [.. _origins], target);

    private static ArgumentException NoValue(DnsRecordSet set, string value) =>
        new($"'{value}' is no value of {set.Name}'s {set.Type}; {nameof(DnsRecordType)} shows what is.", nameof(set));
}
