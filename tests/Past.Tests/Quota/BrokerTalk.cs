using System.Buffers;
using System.Collections.Immutable;
using P2P.Past;
using P2P.Past.Protocol;
using P2P.Past.Wire;
using P2P.Pastry;

namespace Past.Tests.Quota;

/// <summary>Says to a broker what owners and nodes sign, as a test has them.</summary>
internal sealed class BrokerTalk(Broker broker)
{
    /// <summary>The node that brings owners' orders.</summary>
    public static readonly NodeId Bearer = NodeId.FromText("bearer");

    private long _sequence;

    /// <summary>Permits a certified file, in the name of whoever signs.</summary>
    public static InsertPermit Permit(SigningKey broker, FileCertificate file, long serial = 1, DateTimeOffset? expiresAt = null)
    {
        var issued = InsertPermit.IssueAsync(
            broker, file.FileId, file.Owner, file.ContentLength, file.ReplicaCount, serial, TestFiles.Created, expiresAt ?? TestFiles.Created.AddDays(1));
        return issued.IsCompletedSuccessfully ? issued.Result : throw new InvalidOperationException("A key at hand signs at once.");
    }

    public static OrderedFile FileOf(SigningKey owner, int number, long length = 1000, int replicas = 3) =>
        new(FileId.Compute($"file {number}", owner.PublicKey, []), length, replicas);

    public Task<BrokerAnswer> OrderAsync(SigningKey owner, params OrderedFile[] files) => AskAsync(Bearer, OrderOf(owner, files));

    public async Task<PermittedFile> OrderOneAsync(SigningKey owner, OrderedFile file) => Assert.Single((await OrderAsync(owner, file)).Files);

    public BrokerRequest OrderOf(SigningKey owner, OrderedFile[] files, NodeId? bearer = null, PublicKey? forBroker = null) =>
        Request(BrokerAct.Order, SignedStatement.Sign(owner, PermitOrder.Purpose, PermitOrder.Encode(forBroker ?? broker.PublicKey, bearer ?? Bearer, files)));

    public Task<BrokerAnswer> ContributeAsync(SigningKey node, SigningKey account, long bytes, TimeSpan? lifetime = null) =>
        AskAsync(node.PublicKey.NodeId, ContributionOf(node, account, bytes, lifetime));

    public BrokerRequest ContributionOf(SigningKey node, SigningKey account, long bytes, TimeSpan? lifetime = null, long? sequence = null) => Request(
        BrokerAct.Contribute,
        SignedStatement.Sign(
            node,
            ContributionClaim.Purpose,
            ContributionClaim.Encode(broker.PublicKey, account.PublicKey, bytes, lifetime ?? TimeSpan.FromDays(1), sequence ?? ++_sequence)));

    /// <summary>Takes a file back that <see cref="FileOf"/> has named, and brings what nodes have signed.</summary>
    public Task<BrokerAnswer> CreditAsync(SigningKey owner, int number, params SigningKey[] signers)
    {
        var certificate = TakeBack(owner, number);
        return AskAsync(Bearer, CreditOf(certificate, [.. signers.Select(signer => ReclaimReceipt.Create(certificate, 1000, signer, TestFiles.Created))]));
    }

    public static ReclaimCertificate TakeBack(SigningKey owner, int number)
    {
        var file = FileCertificate.Create($"file {number}", owner, ContentTree.Compute([]), 3, [], TestFiles.Created);
        var made = ReclaimCertificate.CreateAsync(file, owner, TestFiles.Created);
        return made.IsCompletedSuccessfully ? made.Result : throw new InvalidOperationException("A key at hand signs at once.");
    }

    public static BrokerRequest CreditOf(ReclaimCertificate certificate, params ReclaimReceipt[] receipts) =>
        Request(BrokerAct.Credit, certificate.Statement, [.. receipts.Select(receipt => receipt.Encoded)]);

    /// <summary>Asks in the name of a node, and checks whether the answer is the broker's, and to this question.</summary>
    public async Task<BrokerAnswer> AskAsync(NodeId from, BrokerRequest request)
    {
        var encoded = await broker.AnswerAsync(from, request, CancellationToken.None);
        Assert.True(BrokerAnswer.TryRead(encoded!.Value.AsMemory(), out var answer));
        Assert.True(answer.Verify() && answer.Statement.Signer.Equals(broker.PublicKey));
        Assert.Equal(Hash256.Compute(request.Statement.AsSpan()), answer.Question);
        return answer;
    }

    public static BrokerRequest Request(BrokerAct act, SignedStatement statement, ImmutableArray<ImmutableArray<byte>>? receipts = null)
    {
        var encoded = new ArrayBufferWriter<byte>();
        statement.WriteTo(encoded);
        return new BrokerRequest(1, act, [.. encoded.WrittenSpan], receipts ?? []);
    }
}
