using System.Buffers.Binary;

namespace P2P.YouServ.Dns;

/// <summary>Reads a query. What can't be read is told apart by how it is answered.</summary>
internal ref struct DnsQuery
{
    private const int OptionsTtlVersionShift = 16;
    private const uint DnssecOkFlag = 0x8000;

    /// <summary>How it is answered, if not from the zone: with an error, or not at all (null).</summary>
    public ResponseCode? Error { get; private set; }

    public ushort Flags { get; private set; }

    /// <summary>The name, its upper case made lower, in the room that the reader was given.</summary>
    public ReadOnlySpan<byte> Name { get; private set; }

    public ushort Type { get; private set; }

    public ushort Class { get; private set; }

    /// <summary>The question as it was asked, name, type and class; answers repeat it letter by letter.</summary>
    public ReadOnlySpan<byte> Question { get; private set; }

    public bool HasEdns { get; private set; }

    public byte EdnsVersion { get; private set; }

    public bool IsDnssecOk { get; private set; }

    /// <summary>What a datagram to whoever asks may hold (RFC 6891 §6.2.3).</summary>
    public int DatagramMax { get; private set; }

    /// <summary>Reads a query.</summary>
    /// <param name="message">Any bytes.</param>
    /// <param name="nameRoom">Room for the longest name.</param>
    public static DnsQuery Read(ReadOnlySpan<byte> message, Span<byte> nameRoom)
    {
        var query = new DnsQuery { DatagramMax = DnsFormat.PlainDatagramMax };
        if (message.Length < DnsFormat.HeaderLength)
        {
            return query;
        }

        query.Flags = BinaryPrimitives.ReadUInt16BigEndian(message[2..]);
        if ((query.Flags & DnsFormat.FlagResponse) != 0)
        {
            // Two servers that answer each other's answers would never end.
            return query;
        }

        query.Error = (query.Flags & DnsFormat.OpcodeMask) != 0
            ? ResponseCode.NotImplemented
            : query.ReadSections(message, nameRoom) ? ResponseCode.NoError : ResponseCode.FormatError;
        return query;
    }

    /// <summary>Reads one question, and the OPT record among what may follow; nothing stands behind the last record.</summary>
    private bool ReadSections(ReadOnlySpan<byte> message, Span<byte> nameRoom)
    {
        var counts = BinaryPrimitives.ReadUInt64BigEndian(message[4..]);
        var at = DnsFormat.HeaderLength;
        if (counts >> 16 != 0x0001_0000_0000 || !ReadQuestion(message, ref at, nameRoom))
        {
            return false;
        }

        for (var records = (ushort)counts; records > 0; records--)
        {
            if (!ReadAdditional(message, ref at))
            {
                return false;
            }
        }

        return at == message.Length;
    }

    private bool ReadQuestion(ReadOnlySpan<byte> message, ref int at, Span<byte> nameRoom)
    {
        var length = 0;
        while (true)
        {
            if (at >= message.Length)
            {
                return false;
            }

            var label = message[at];
            if (label > DnsFormat.LabelLengthMax || length + 1 + label > DnsFormat.NameLengthMax || at + 1 + label > message.Length)
            {
                // Nothing stands before the question that a pointer could point to.
                return false;
            }

            nameRoom[length++] = label;
            at++;
            if (label == 0)
            {
                break;
            }

            for (var end = length + label; length < end; length++, at++)
            {
                var letter = message[at];
                nameRoom[length] = (uint)(letter - 'A') <= 'Z' - 'A' ? (byte)(letter | 0x20) : letter;
            }
        }

        if (at + 4 > message.Length)
        {
            return false;
        }

        Name = nameRoom[..length];
        Type = BinaryPrimitives.ReadUInt16BigEndian(message[at..]);
        Class = BinaryPrimitives.ReadUInt16BigEndian(message[(at + 2)..]);
        at += 4;
        Question = message[DnsFormat.HeaderLength..at];
        return true;
    }

    private bool ReadAdditional(ReadOnlySpan<byte> message, ref int at)
    {
        var isRoot = at < message.Length && message[at] == 0;
        if (!WireName.TrySkip(message, ref at) || at + 10 > message.Length)
        {
            return false;
        }

        var type = BinaryPrimitives.ReadUInt16BigEndian(message[at..]);
        var size = BinaryPrimitives.ReadUInt16BigEndian(message[(at + 2)..]);
        var ttl = BinaryPrimitives.ReadUInt32BigEndian(message[(at + 4)..]);
        at += 10 + BinaryPrimitives.ReadUInt16BigEndian(message[(at + 8)..]);
        if (type == DnsFormat.TypeOpt)
        {
            if (HasEdns || !isRoot)
            {
                return false;
            }

            HasEdns = true;
            EdnsVersion = (byte)(ttl >> OptionsTtlVersionShift);
            IsDnssecOk = (ttl & DnssecOkFlag) != 0;
            DatagramMax = Math.Max(DnsFormat.PlainDatagramMax, (int)size);
        }

        return at <= message.Length;
    }
}
