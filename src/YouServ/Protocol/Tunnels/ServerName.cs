using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace P2P.YouServ.Protocol;

/// <summary>
/// Reads for which host the first bytes of a connection are: the server name of a TLS handshake (RFC 8446, RFC 6066), or the Host of a request of HTTP/1.1. Nothing else is understood, and
/// nothing is changed.
/// </summary>
internal static class ServerName
{
    /// <summary>How many bytes are looked at; whoever has not named a host by then names none.</summary>
    public const int BytesMax = 16 * 1024;

    private const byte Handshake = 22;
    private const byte ClientHello = 1;
    private const int RecordHead = 5;

    private static readonly SearchValues<byte> Letters = SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-."u8);

    /// <summary>Reads the host.</summary>
    /// <param name="bytes">What has come so far.</param>
    /// <param name="host">The host, without a port; null if none is named.</param>
    /// <returns>Whether it is decided; if not, more bytes are needed.</returns>
    public static bool TryRead(in ReadOnlySequence<byte> bytes, out string? host)
    {
        host = null;
        if (bytes.IsEmpty)
        {
            return false;
        }

        var length = (int)Math.Min(bytes.Length, BytesMax);
        var rented = ArrayPool<byte>.Shared.Rent(length);
        try
        {
            bytes.Slice(0, length).CopyTo(rented);
            var seen = rented.AsSpan(0, length);
            var isDecided = seen[0] == Handshake ? TryReadHello(seen, out host) : TryReadRequest(seen, out host);
            return isDecided || length == BytesMax;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(rented);
        }
    }

    /// <summary>Puts the handshake together from its records, and looks into it once it is there.</summary>
    private static bool TryReadHello(ReadOnlySpan<byte> bytes, out string? host)
    {
        host = null;
        var hello = new byte[bytes.Length];
        var filled = 0;
        while (!bytes.IsEmpty)
        {
            if (bytes.Length < RecordHead)
            {
                return false;
            }

            if (bytes[0] != Handshake)
            {
                return true;
            }

            int length = BinaryPrimitives.ReadUInt16BigEndian(bytes[3..]);
            var body = bytes[RecordHead..];
            body = body[..Math.Min(length, body.Length)];
            body.CopyTo(hello.AsSpan(filled));
            filled += body.Length;
            bytes = bytes[(RecordHead + body.Length)..];
            if (filled >= 4)
            {
                var need = (hello[1] << 16) | BinaryPrimitives.ReadUInt16BigEndian(hello.AsSpan(2));
                if (hello[0] != ClientHello)
                {
                    return true;
                }

                if (filled >= 4 + need)
                {
                    host = new HelloReader(hello.AsSpan(4, need)).ReadName();
                    return true;
                }
            }

            if (body.Length < length)
            {
                return false;
            }
        }

        return false;
    }

    private static bool TryReadRequest(ReadOnlySpan<byte> bytes, out string? host)
    {
        host = null;
        var end = bytes.IndexOf("\r\n\r\n"u8);
        var lines = end < 0 ? bytes : bytes[..(end + 2)];
        var isFirst = true;
        while (lines.IndexOf("\r\n"u8) is >= 0 and var length)
        {
            var line = lines[..length];
            lines = lines[(length + 2)..];
            if (!isFirst && line.Length > 5 && Ascii.EqualsIgnoreCase(line[..5], "host:"u8))
            {
                host = Plain(line[5..]);
                return true;
            }

            isFirst = false;
        }

        // HTTP/2 without TLS names its hosts in a form that only the server itself reads.
        return end >= 0;
    }

    private static string? Plain(ReadOnlySpan<byte> value)
    {
        var text = value.Trim(" \t"u8);
        var colon = text.IndexOf((byte)':');
        return Checked(colon < 0 ? text : text[..colon]);
    }

    private static string? Checked(ReadOnlySpan<byte> name) =>
        name.Length is > 0 and <= 253 && !name.ContainsAnyExcept(Letters)
            ? Encoding.ASCII.GetString(name).ToLowerInvariant()
            : null;

    /// <summary>Reads a ClientHello, which may be anything.</summary>
    private ref struct HelloReader(ReadOnlySpan<byte> bytes)
    {
        private const int ServerNameExtension = 0;

        private ReadOnlySpan<byte> _rest = bytes;

        public string? ReadName()
        {
            // Version, random; session, ciphers, compressions.
            if (!Skip(2 + 32) || !SkipBlock(1) || !SkipBlock(2) || !SkipBlock(1) || !TryReadBlock(2, out var extensions))
            {
                return null;
            }

            while (extensions.Length >= 4)
            {
                int type = BinaryPrimitives.ReadUInt16BigEndian(extensions);
                int length = BinaryPrimitives.ReadUInt16BigEndian(extensions[2..]);
                if (extensions.Length < 4 + length)
                {
                    return null;
                }

                if (type == ServerNameExtension)
                {
                    return NameIn(extensions.Slice(4, length));
                }

                extensions = extensions[(4 + length)..];
            }

            return null;
        }

        /// <summary>A list of one name, of the kind 0.</summary>
        private static string? NameIn(ReadOnlySpan<byte> list) =>
            list.Length > 5 && list[2] == 0 && BinaryPrimitives.ReadUInt16BigEndian(list[3..]) is var length && list.Length >= 5 + length ? Checked(list.Slice(5, length)) : null;

        private bool Skip(int count)
        {
            if (_rest.Length < count)
            {
                return false;
            }

            _rest = _rest[count..];
            return true;
        }

        private bool SkipBlock(int sizeBytes) => TryReadBlock(sizeBytes, out _);

        private bool TryReadBlock(int sizeBytes, out ReadOnlySpan<byte> block)
        {
            block = default;
            if (_rest.Length < sizeBytes)
            {
                return false;
            }

            var length = sizeBytes == 1 ? _rest[0] : BinaryPrimitives.ReadUInt16BigEndian(_rest);
            if (_rest.Length < sizeBytes + length)
            {
                return false;
            }

            block = _rest.Slice(sizeBytes, length);
            _rest = _rest[(sizeBytes + length)..];
            return true;
        }
    }
}
