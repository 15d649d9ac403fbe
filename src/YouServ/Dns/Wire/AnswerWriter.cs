using System.Buffers.Binary;

namespace P2P.YouServ.Dns;

/// <summary>Writes an answer into the room that it is given: header, question, records, and OPT where the query had it.</summary>
internal ref struct AnswerWriter(Span<byte> answer)
{
    /// <summary>What OPT takes.</summary>
    public const int OptionsLength = 11;

    private const int DnssecOkFlag = 0x8000;

    private readonly Span<byte> _answer = answer;
    private int _questionEnd;
    private int _answers;
    private int _authorities;

    /// <summary>What is written so far.</summary>
    public int Length { get; private set; }

    /// <summary>How far records may go.</summary>
    public int Limit { get; set; }

    public bool IsAuthoritative { get; set; }

    public bool IsTruncated { get; set; }

    public ResponseCode Code { get; set; }

    /// <summary>Begins with the header and, where there is no error, the question.</summary>
    public void Begin(ReadOnlySpan<byte> query, in DnsQuery read, ResponseCode error)
    {
        query[..2].CopyTo(_answer);
        Code = error;
        Length = DnsFormat.HeaderLength;
        if (error == ResponseCode.NoError)
        {
            read.Question.CopyTo(_answer[Length..]);
            Length += read.Question.Length;
        }

        _questionEnd = Length;
        WriteHeader(read);
    }

    public void AppendAnswer(EncodedSet set, ushort owner, ushort origin) => _answers += Append(set, owner, origin);

    public void AppendAuthority(EncodedSet set, ushort origin) => _authorities += Append(set, origin, origin);

    /// <summary>Leaves the question alone: part of a set would be mistaken for all of it (RFC 2181 §9).</summary>
    public void TakeRecordsBack()
    {
        (_answers, _authorities, Length) = (0, 0, _questionEnd);
    }

    /// <summary>Ends the answer.</summary>
    /// <returns>Its length.</returns>
    public int End(in DnsQuery query)
    {
        if (query.HasEdns)
        {
            var options = _answer[Length..];
            options[0] = 0;
            BinaryPrimitives.WriteUInt16BigEndian(options[1..], DnsFormat.TypeOpt);
            BinaryPrimitives.WriteUInt16BigEndian(options[3..], DnsFormat.DatagramMax);
            BinaryPrimitives.WriteUInt32BigEndian(options[5..], ((uint)Code >> 4 << 24) | (query.IsDnssecOk ? DnssecOkFlag : 0u));
            BinaryPrimitives.WriteUInt16BigEndian(options[9..], 0);
            Length += OptionsLength;
        }

        WriteHeader(query);
        return Length;
    }

    private int Append(EncodedSet set, ushort owner, ushort origin)
    {
        if (Length + set.Length > Limit)
        {
            IsTruncated = true;
            return 0;
        }

        set.CopyTo(_answer[Length..], owner, origin);
        Length += set.Length;
        return set.Count;
    }

    /// <summary>Opcode and "recursion desired" are repeated; recursion is not available.</summary>
    private readonly void WriteHeader(in DnsQuery query)
    {
        var flags = DnsFormat.FlagResponse
            | (query.Flags & (DnsFormat.OpcodeMask | DnsFormat.FlagRecursionDesired))
            | (IsAuthoritative ? DnsFormat.FlagAuthoritative : 0)
            | (IsTruncated ? DnsFormat.FlagTruncated : 0)
            | ((int)Code & DnsFormat.ResponseCodeMask);
        BinaryPrimitives.WriteUInt16BigEndian(_answer[2..], (ushort)flags);
        BinaryPrimitives.WriteUInt16BigEndian(_answer[4..], (ushort)(_questionEnd > DnsFormat.HeaderLength ? 1 : 0));
        BinaryPrimitives.WriteUInt16BigEndian(_answer[6..], (ushort)_answers);
        BinaryPrimitives.WriteUInt16BigEndian(_answer[8..], (ushort)_authorities);
        BinaryPrimitives.WriteUInt16BigEndian(_answer[10..], (ushort)(query.HasEdns && _questionEnd > DnsFormat.HeaderLength ? 1 : 0));
    }
}
