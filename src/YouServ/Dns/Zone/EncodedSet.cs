using System.Buffers.Binary;

namespace P2P.YouServ.Dns;

/// <summary>
/// Is a set of records as it stands in an answer, ready to be copied. Owners, and names that end in the zone's, are pointers into the question (RFC 1035 §4.1.4). Where the
/// zone's name begins there, depends on the question, so that these pointers are set in each answer.
/// </summary>
internal sealed class EncodedSet
{
    private readonly byte[] _records;
    private readonly ushort[] _owners;
    private readonly ushort[] _origins;

    /// <summary>Puts a set together.</summary>
    /// <param name="type">The type of its records.</param>
    /// <param name="records">The records. Owners point to the question's name.</param>
    /// <param name="owners">Where an owner is.</param>
    /// <param name="origins">Where a pointer to the zone's name is.</param>
    /// <param name="target">The name that a CNAME leads to, in lower case and uncompressed.</param>
    public EncodedSet(ushort type, byte[] records, ushort[] owners, ushort[] origins, byte[]? target = null)
    {
        (Type, Target) = (type, target);
        (_records, _owners, _origins) = (records, owners, origins);
    }

    public ushort Type { get; }

    public byte[]? Target { get; }

    public int Count => _owners.Length;

    public int Length => _records.Length;

    /// <summary>Copies the records into an answer.</summary>
    /// <param name="answer">Where they go; there is room.</param>
    /// <param name="owner">A pointer to their owner.</param>
    /// <param name="origin">A pointer to the zone's name.</param>
    public void CopyTo(Span<byte> answer, ushort owner, ushort origin)
    {
        _records.CopyTo(answer);
        if (owner != DnsFormat.QuestionPointer)
        {
            Point(answer, _owners, owner);
        }

        Point(answer, _origins, origin);
    }

    public bool IsSame(EncodedSet other) =>
        Type == other.Type && _records.AsSpan().SequenceEqual(other._records) && _origins.AsSpan().SequenceEqual(other._origins);

    private static void Point(Span<byte> answer, ushort[] places, ushort pointer)
    {
        foreach (var place in places)
        {
            BinaryPrimitives.WriteUInt16BigEndian(answer[place..], pointer);
        }
    }
}
