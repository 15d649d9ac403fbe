using System.Diagnostics;

namespace P2P.YouServ.Dns;

/// <summary>Answers queries from a zone, as its authority: without waiting, without allocating, and without throwing, whatever the bytes are.</summary>
internal static class DnsAnswering
{
    /// <summary>Any answer that a zone gives fits: an error or a set with the CNAMEs before it, each within <see cref="DnsRecordSet.BytesMax"/>.</summary>
    public const int AnswerMax = 16 * 1024;

    /// <summary>A name that leads to another is followed so many times; then the resolver goes on.</summary>
    private const int FollowsMax = 8;

    /// <summary>Answers a query that came as a datagram, or over a connection.</summary>
    /// <param name="query">Any bytes.</param>
    /// <param name="answer">Room for it, at least 512 bytes; over a connection <see cref="AnswerMax"/>.</param>
    /// <param name="zone">The zone.</param>
    /// <param name="datagramMax">What a datagram may hold, if whoever asks takes as much; 0 over a connection.</param>
    /// <returns>The answer's length; 0 if there must be none.</returns>
    public static int Answer(ReadOnlySpan<byte> query, Span<byte> answer, Zone zone, int datagramMax)
    {
        Debug.Assert(answer.Length >= DnsFormat.PlainDatagramMax, "Header, question and OPT must have room.");
        var read = DnsQuery.Read(query, stackalloc byte[DnsFormat.NameLengthMax]);
        if (!TryBegin(query, read, answer, out var writer))
        {
            return writer.Length;
        }

        var room = datagramMax == 0 ? AnswerMax : Math.Min(datagramMax, read.DatagramMax);
        writer.Limit = Math.Min(room, answer.Length) - (read.HasEdns ? AnswerWriter.OptionsLength : 0);
        writer.Code = Refusal(read, zone) ?? Look(ref writer, read, zone);
        if (writer.IsTruncated)
        {
            writer.TakeRecordsBack();
        }

        return writer.End(read);
    }

    /// <summary>Answers a datagram with nothing but the request to come back over a connection.</summary>
    /// <inheritdoc cref="Answer"/>
    public static int AnswerTruncated(ReadOnlySpan<byte> query, Span<byte> answer)
    {
        var read = DnsQuery.Read(query, stackalloc byte[DnsFormat.NameLengthMax]);
        if (!TryBegin(query, read, answer, out var writer))
        {
            return writer.Length;
        }

        writer.IsTruncated = true;
        return writer.End(read);
    }

    /// <summary>Begins the answer to a query that has a question; others are answered with a header alone, or not at all.</summary>
    private static bool TryBegin(ReadOnlySpan<byte> query, in DnsQuery read, Span<byte> answer, out AnswerWriter writer)
    {
        writer = new AnswerWriter(answer);
        if (read.Error is { } error)
        {
            writer.Begin(query, read, error);
        }

        return read.Error == ResponseCode.NoError;
    }

    /// <summary>Says why a question is not one for this zone.</summary>
    private static ResponseCode? Refusal(in DnsQuery query, Zone zone)
    {
        if (query.HasEdns && query.EdnsVersion != 0)
        {
            return ResponseCode.BadVersion;
        }

        var isRefused = query.Class != DnsFormat.ClassIn || query.Type is DnsFormat.TypeAxfr or DnsFormat.TypeIxfr || !zone.Contains(query.Name);
        return isRefused ? ResponseCode.Refused : null;
    }

    /// <summary>Looks the name up, and those that it leads to (RFC 1034 §4.3.2).</summary>
    private static ResponseCode Look(ref AnswerWriter writer, in DnsQuery query, Zone zone)
    {
        writer.IsAuthoritative = true;
        var origin = (ushort)(DnsFormat.PointerMark | (DnsFormat.HeaderLength + query.Name.Length - zone.OriginLength));
        var name = query.Name;
        var owner = DnsFormat.QuestionPointer;
        for (var follows = 0; follows <= FollowsMax; follows++)
        {
            var node = zone.Find(name);
            var set = node is null ? null : Choose(node, query.Type);
            if (set is null)
            {
                writer.AppendAuthority(zone.Start, origin);
                return node is null ? ResponseCode.NameError : ResponseCode.NoError;
            }

            // The next owner is the name that this CNAME holds, behind its owner and the ten bytes from type to length.
            var next = (ushort)(DnsFormat.PointerMark | (writer.Length + 12));
            writer.AppendAnswer(set, owner, origin);
            if (set.Target is null || query.Type is (ushort)DnsRecordType.Cname or DnsFormat.TypeAny || !zone.Contains(set.Target))
            {
                break;
            }

            name = set.Target;
            owner = next;
        }

        return ResponseCode.NoError;
    }

    /// <summary>Of a name that is asked for anything, one set is enough (RFC 8482 §4.1).</summary>
    private static EncodedSet? Choose(ZoneNode node, ushort type) =>
        type == DnsFormat.TypeAny && node.Sets.Length > 0 ? node.Sets[^1] : node.Find(type) ?? node.Find((int)DnsRecordType.Cname);
}
