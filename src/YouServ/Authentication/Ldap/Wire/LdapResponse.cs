using System.Formats.Asn1;
using System.Text;

namespace P2P.YouServ.Ldap;

/// <summary>Is a message of a directory (RFC 4511 §4). Its text may be anything: no part of it is nested deeper than its kind says, and lengths are checked before anything is copied.</summary>
internal abstract record LdapResponse
{
    /// <summary>How long a message may be, header included.</summary>
    public const int LengthMax = 1 << 20;

    /// <summary>How many bytes of a message tell its length: its tag, and up to five of the length.</summary>
    private const int LongHeader = 6;

    private LdapResponse()
    {
    }

    /// <summary>An operation has ended.</summary>
    /// <param name="Operation">Which kind, by the tag of the answer.</param>
    /// <param name="Code">How.</param>
    public sealed record Done(LdapOperation Operation, LdapResultCode Code) : LdapResponse;

    /// <summary>A search has found an entry.</summary>
    public sealed record Found(LdapEntry Entry) : LdapResponse;

    /// <summary>A search could go on elsewhere.</summary>
    public sealed record Reference : LdapResponse;

    /// <summary>Tells how long a message is, header included.</summary>
    /// <param name="start">How it begins.</param>
    /// <returns>Null, where more of the message is needed to know.</returns>
    /// <exception cref="LdapException">It is no message, or longer than <see cref="LengthMax"/>.</exception>
    public static int? ReadLength(ReadOnlySpan<byte> start)
    {
        if (start.Length > 0 && start[0] != 0x30)
        {
            throw new LdapException("it does not speak LDAP");
        }

        if (start.Length < 2)
        {
            return null;
        }

        // §5.1: lengths are definite.
        var digits = start[1] < 0x80 ? 0 : start[1] - 0x80;
        if (start[1] == 0x80 || digits > LongHeader - 2)
        {
            throw new LdapException("the length of a message is malformed");
        }

        if (start.Length < 2 + digits)
        {
            return null;
        }

        long length = digits == 0 ? start[1] : 0;
        foreach (var digit in start.Slice(2, digits))
        {
            length = (length << 8) | digit;
        }

        length += 2 + digits;
        return length <= LengthMax ? (int)length : throw new LdapException($"a message has {length} bytes, and {LengthMax} are the most");
    }

    /// <summary>Reads a message.</summary>
    /// <param name="message">The whole message.</param>
    /// <param name="id">The number of the request that it must answer.</param>
    /// <exception cref="LdapException">It is malformed, or answers something else.</exception>
    public static LdapResponse Read(ReadOnlyMemory<byte> message, int id)
    {
        try
        {
            var outer = new AsnReader(message, AsnEncodingRules.BER);
            var reader = outer.ReadSequence();
            outer.ThrowIfNotEmpty();
            if (!reader.TryReadInt32(out var answered))
            {
                throw new LdapException("the number of a message is out of range");
            }

            // §4.4.1: a server that goes away says so with a number that no request has.
            return answered == id ? ReadOperation(reader) : throw new LdapException(answered == 0 ? "it ends the connection" : "it answers what was not asked");
        }
        catch (AsnContentException)
        {
            throw new LdapException("a message is malformed");
        }
    }

    private static LdapResponse ReadOperation(AsnReader reader)
    {
        var tag = reader.PeekTag();
        if (tag.TagClass != TagClass.Application || !tag.IsConstructed)
        {
            throw new LdapException("a message has no operation");
        }

        var content = reader.ReadSequence(tag);
        switch ((LdapOperation)tag.TagValue)
        {
            case var operation and (LdapOperation.Bind or LdapOperation.Search or LdapOperation.Extended):
                return new Done(operation, ReadCode(content));
            case LdapOperation.Entry:
                return new Found(ReadEntry(content));
            case LdapOperation.Reference:
                return new Reference();
            default:
                throw new LdapException("a message has an operation that was not asked for");
        }
    }

    /// <summary>Reads no further than the code: what else a server has to say is not shown to anybody.</summary>
    private static LdapResultCode ReadCode(AsnReader content)
    {
        var code = 0;
        var bytes = content.ReadEnumeratedBytes().Span;
        if (bytes.Length > 3 || bytes[0] >= 0x80)
        {
            throw new LdapException("a result is out of range");
        }

        foreach (var digit in bytes)
        {
            code = (code << 8) | digit;
        }

        return (LdapResultCode)code;
    }

    private static LdapEntry ReadEntry(AsnReader content)
    {
        var dn = ReadOctets(content);
        var attributes = new List<(string, IReadOnlyList<ReadOnlyMemory<byte>>)>();
        for (var list = content.ReadSequence(); list.HasData;)
        {
            var attribute = list.ReadSequence();
            var name = Encoding.UTF8.GetString(ReadOctets(attribute).Span);
            var values = new List<ReadOnlyMemory<byte>>();
            for (var set = attribute.ReadSetOf(); set.HasData;)
            {
                values.Add(ReadOctets(set));
            }

            attributes.Add((name, values));
        }

        return new(dn, attributes);
    }

    /// <summary>§5.1: strings of octets are in one piece.</summary>
    private static ReadOnlyMemory<byte> ReadOctets(AsnReader reader) =>
        reader.TryReadPrimitiveOctetString(out var octets) ? octets : throw new LdapException("a string is in pieces");
}
