using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using MessagePack;
using P2P.Pastry;

namespace P2P.Past.Wire;

/// <summary>Is what a node signs to contribute storage for an owner's account. It is taken from that very node only.</summary>
internal sealed class ContributionClaim
{
    public const string Purpose = "p2p.past.contribution.1";

    public const int EncodedLengthMax = 1024;

    private const int FieldCount = 5;
    private const long LifetimeSecondsMax = 366L * 24 * 60 * 60;

    private ContributionClaim(SignedStatement statement, Hash256 broker, Hash256 account, long capacityBytes, TimeSpan lifetime, long sequence)
    {
        Statement = statement;
        Broker = broker;
        Account = account;
        CapacityBytes = capacityBytes;
        Lifetime = lifetime;
        Sequence = sequence;
    }

    public SignedStatement Statement { get; }

    /// <summary>The hash of the key of the broker for whom it is.</summary>
    public Hash256 Broker { get; }

    /// <summary>The hash of the key of the owner whom it lets store more.</summary>
    public Hash256 Account { get; }

    /// <summary>How much; 0 withdraws.</summary>
    public long CapacityBytes { get; }

    /// <summary>How long it counts, by the broker's clock: clocks of nodes may be wrong.</summary>
    public TimeSpan Lifetime { get; }

    /// <summary>Orders what a node says at different times.</summary>
    public long Sequence { get; }

    public NodeId Node => Statement.Signer.NodeId;

    /// <summary>Writes what a node is to sign.</summary>
    public static byte[] Encode(PublicKey broker, PublicKey account, long capacityBytes, TimeSpan lifetime, long sequence)
    {
        var encoded = new ArrayBufferWriter<byte>(128);
        var writer = new MessagePackWriter(encoded);
        writer.WriteArrayHeader(FieldCount);
        StatementFields.Write(ref writer, InsertPermit.HashOf(broker));
        StatementFields.Write(ref writer, InsertPermit.HashOf(account));
        writer.Write(capacityBytes);
        writer.Write((long)lifetime.TotalSeconds);
        writer.Write(sequence);
        writer.Flush();
        return encoded.WrittenSpan.ToArray();
    }

    /// <summary>Reads a claim from bytes that anybody may have sent; nothing is verified.</summary>
    public static bool TryRead(ReadOnlyMemory<byte> encoded, [NotNullWhen(true)] out ContributionClaim? claim)
    {
        try
        {
            var statement = StatementFields.ReadStatement(new ReadOnlySequence<byte>(encoded), EncodedLengthMax);
            var reader = new MessagePackReader(statement.Body.AsMemory());
            claim = StatementFields.ReadFields(
                ref reader,
                FieldCount,
                (ref MessagePackReader fields) => new ContributionClaim(
                    statement,
                    StatementFields.ReadHash(ref fields),
                    StatementFields.ReadHash(ref fields),
                    StatementFields.ReadInteger(ref fields, 0, long.MaxValue),
                    TimeSpan.FromSeconds(StatementFields.ReadInteger(ref fields, 1, LifetimeSecondsMax)),
                    StatementFields.ReadInteger(ref fields, 0, long.MaxValue)));
            return true;
        }
        catch (Exception exception) when (StatementFields.IsMalformed(exception))
        {
            claim = null;
            return false;
        }
    }

    public bool Verify() => Statement.Verify(Purpose);
}
