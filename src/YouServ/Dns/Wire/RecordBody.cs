using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace P2P.YouServ.Dns;

/// <summary>Is what one record holds: bytes, and behind them a name where the type has one, apart since answers compress it.</summary>
internal readonly record struct RecordBody(byte[] Bytes, DnsName? Name)
{
    /// <summary>Reads a value as zone files have it.</summary>
    /// <returns>Null where it is none of the type.</returns>
    public static RecordBody? Parse(DnsRecordType type, string value) => type switch
    {
        DnsRecordType.A => Address(value, AddressFamily.InterNetwork),
        DnsRecordType.Aaaa => Address(value, AddressFamily.InterNetworkV6),
        DnsRecordType.Ns or DnsRecordType.Cname => DnsName.TryParse(value, out var name) ? new RecordBody([], name) : null,
        DnsRecordType.Mx => MailServer(value),
        DnsRecordType.Txt => TextValue.Parse(value) is { } strings ? new RecordBody(strings, null) : null,
        _ => null,
    };

    /// <summary>Gives the bytes as they are without compression, by which records are compared and ordered (RFC 4034 §6.3).</summary>
    public byte[] ToWire() => Name is { } name ? [.. Bytes, .. name.ToWire()] : Bytes;

    private static RecordBody? Address(string value, AddressFamily family) =>

        // What has fewer than four numbers would be read as one all the same.
        IPAddress.TryParse(value, out var address) && address.AddressFamily == family && !value.AsSpan().ContainsAny("[]%") && (family == AddressFamily.InterNetworkV6 || address.ToString() == value)
            ? new RecordBody(address.GetAddressBytes(), null)
            : null;

    private static RecordBody? MailServer(string value)
    {
        if (value.Split(' ', StringSplitOptions.RemoveEmptyEntries) is not [var number, var host]
            || !ushort.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var preference)
            || !DnsName.TryParse(host, out var name))
        {
            return null;
        }

        var bytes = new byte[2];
        BinaryPrimitives.WriteUInt16BigEndian(bytes, preference);
        return new RecordBody(bytes, name);
    }
}
