using System.Buffers;
using MessagePack;
using P2P.Pastry.Wire;

namespace P2P.Pastry.Transport.Tcp;

/// <summary>
/// Is a node's word that a host speaks for it: signed by the node's key, good for one host key and one ring until it expires.
/// </summary>
/// <remarks>The body is a MessagePack array: host id (32 bytes), ring, expiry (Unix seconds), handle; see <see cref="NodeHandleFormat"/>.</remarks>
internal sealed record Delegation(Fingerprint Host, string Ring, DateTimeOffset Expiry, NodeHandle Node, SignedStatement Statement)
{
    public const string Purpose = "p2p.pastry.delegation.1";

    /// <summary>By how much clocks may differ without harm.</summary>
    public static readonly TimeSpan ClockTolerance = TimeSpan.FromHours(1);

    private const int Fields = 4;

    /// <summary>Until when the ring admits the node; without end where it is open.</summary>
    public DateTimeOffset AdmittedUntil { get; init; } = DateTimeOffset.MaxValue;

    public static Delegation Sign(SigningKey key, Fingerprint host, string ring, DateTimeOffset expiry, NodeHandle node)
    {
        var buffer = new ArrayBufferWriter<byte>(256);
        var writer = new MessagePackWriter(buffer);
        writer.WriteArrayHeader(Fields);
        writer.Write(host.ToBytes());
        writer.Write(ring);
        writer.Write(expiry.ToUnixTimeSeconds());
        NodeHandleFormat.Write(ref writer, node);
        writer.Flush();
        return new Delegation(host, ring, expiry, node, SignedStatement.Sign(key, Purpose, buffer.WrittenSpan));
    }

    /// <summary>Reads what a statement claims; nothing is verified.</summary>
    /// <exception cref="InvalidDataException">The statement is no delegation.</exception>
    public static Delegation Read(SignedStatement statement) => WireReading.Read(statement.Body.AsMemory(), "a delegation", (ref MessagePackReader reader) =>
    {
        var fields = reader.ReadArrayHeader();
        NodeHandleFormat.Require(fields >= Fields, "A delegation has four fields.");
        var host = reader.ReadBytes();
        NodeHandleFormat.Require(host is { Length: Fingerprint.ByteLength }, "A host's fingerprint has 32 bytes.");
        Span<byte> hash = stackalloc byte[Fingerprint.ByteLength];
        host!.Value.CopyTo(hash);
        var ring = reader.ReadString() ?? "";
        var expiry = DateTimeOffset.FromUnixTimeSeconds(reader.ReadInt64());
        var node = NodeHandleFormat.Read(ref reader);
        return new Delegation(Fingerprint.FromBytes(hash), ring, expiry, node, statement);
    });

    /// <summary>Tells whether the node's word, or its admission, has run out.</summary>
    public bool IsExpired(DateTimeOffset now) => now - ClockTolerance >= Expiry || now - ClockTolerance >= AdmittedUntil;
}
