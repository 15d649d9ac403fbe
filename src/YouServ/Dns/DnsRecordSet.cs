using System.Net;
using System.Net.Sockets;

namespace P2P.YouServ.Dns;

/// <summary>Is all that a name has of one type (an RRset of RFC 2181 §5).</summary>
/// <param name="Name">The name.</param>
/// <param name="Type">What the values are.</param>
/// <param name="Values">The values as zone files have them (<see cref="DnsRecordType"/> shows each); their order and repetitions mean nothing. None means that the name has nothing of the type.</param>
public sealed record DnsRecordSet(DnsName Name, DnsRecordType Type, IReadOnlyList<string> Values)
{
    /// <summary>How many values a set may have. With <see cref="BytesMax"/> it keeps every answer far below what one message takes.</summary>
    public const int ValuesMax = 256;

    /// <summary>How many bytes the records of a set may take on the wire, together.</summary>
    public const int BytesMax = 8192;

    /// <summary>How long others may keep the set, in whole seconds up to 2,147,483,647 (RFC 2181 §8); by default as long as the publisher's options say.</summary>
    public TimeSpan? TimeToLive { get; init; }

    /// <summary>Makes a set of the addresses of one family: A, or AAAA.</summary>
    /// <param name="name">The name.</param>
    /// <param name="addresses">At least one, all of the same family.</param>
    /// <exception cref="ArgumentException">There is none, or there are both kinds.</exception>
    public static DnsRecordSet OfAddresses(DnsName name, params IReadOnlyList<IPAddress> addresses)
    {
        ArgumentNullException.ThrowIfNull(addresses);
        return addresses.Select(address => address.AddressFamily).Distinct().ToArray() is [var family]
            ? new DnsRecordSet(name, family == AddressFamily.InterNetwork ? DnsRecordType.A : DnsRecordType.Aaaa, [.. addresses.Select(address => address.ToString())])
            : throw new ArgumentException("A set has addresses of one family; what has none is removed with Removal.", nameof(addresses));
    }

    /// <summary>Makes a set of texts, each a value of its own, such as the answers to an authority's challenges.</summary>
    /// <param name="name">The name.</param>
    /// <param name="texts">The texts; they are written in UTF-8, and cut where they are longer than what one string takes.</param>
    public static DnsRecordSet OfTexts(DnsName name, params IReadOnlyList<string> texts)
    {
        ArgumentNullException.ThrowIfNull(texts);
        return new DnsRecordSet(name, DnsRecordType.Txt, [.. texts.Select(TextValue.Quote)]);
    }

    /// <summary>Makes the set that removes what a name has of a type.</summary>
    /// <param name="name">The name.</param>
    /// <param name="type">The type.</param>
    public static DnsRecordSet Removal(DnsName name, DnsRecordType type) => new(name, type, []);
}
