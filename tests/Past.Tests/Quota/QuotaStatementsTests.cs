using System.Buffers;
using System.Collections.Immutable;
using P2P.Past;
using P2P.Past.Protocol;
using P2P.Past.Wire;
using P2P.Pastry;

namespace Past.Tests.Quota;

/// <summary>What owners, nodes and brokers sign when they deal with each other.</summary>
public sealed class QuotaStatementsTests
{
    private static readonly NodeId Bearer = NodeId.Parse("10233102000000000000000000000001");

    private static readonly OrderedFile File = new(FileId.Parse("000102030405060708090a0b0c0d0e0f10111213"), 1000, 3);

    private static readonly string OwnerHash = Hash256.Compute(TestFiles.Owner.PublicKey.Encoded.AsSpan()).ToString();

    private static readonly string HolderHash = Hash256.Compute(TestFiles.Holder.PublicKey.Encoded.AsSpan()).ToString();

    private static readonly byte[] Order = PermitOrder.Encode(TestFiles.Holder.PublicKey, Bearer, [File]);

    private static readonly byte[] Claim = ContributionClaim.Encode(TestFiles.Holder.PublicKey, TestFiles.Owner.PublicKey, 1000, TimeSpan.FromHours(1), 7);

    private static readonly byte[] Answer = BrokerAnswer.Encode(
        Hash256.Compute([1]), BrokerStanding.Answered, new QuotaAccount(100, 200), [new PermittedFile(PermitVerdict.Exceeded, 300, null)]);

    [Fact]
    public void Bodies_are_approved()
    {
        Assert.Equal($"93c420{HolderHash}c410{Bearer}93c414{File.FileId}cd03e803", Convert.ToHexStringLower(Order));
        Assert.Equal($"95c420{HolderHash}c420{OwnerHash}cd03e8cd0e1007", Convert.ToHexStringLower(Claim));
        Assert.Equal($"95c420{Hash256.Compute([1])}0164ccc89302cd012cc0", Convert.ToHexStringLower(Answer));
    }

    [Fact]
    public void What_was_signed_reads_as_the_same()
    {
        Assert.True(PermitOrder.TryRead(Sign(TestFiles.Owner, PermitOrder.Purpose, Order), out var order));
        Assert.Equal((HolderHash, Bearer, TestFiles.Owner.PublicKey), (order.Broker.ToString(), order.Bearer, order.Owner));
        Assert.Equal([File], order.Files.ToArray());
        Assert.True(order.Verify());

        Assert.True(ContributionClaim.TryRead(Sign(TestFiles.Holder, ContributionClaim.Purpose, Claim), out var claim));
        Assert.Equal((HolderHash, OwnerHash, 1000L, 7L), (claim.Broker.ToString(), claim.Account.ToString(), claim.CapacityBytes, claim.Sequence));
        Assert.Equal((TimeSpan.FromHours(1), TestFiles.Holder.PublicKey.NodeId), (claim.Lifetime, claim.Node));
        Assert.True(claim.Verify());

        Assert.True(BrokerAnswer.TryRead(Sign(TestFiles.Holder, BrokerAnswer.Purpose, Answer), out var answer));
        Assert.Equal((Hash256.Compute([1]), BrokerStanding.Answered, new QuotaAccount(100, 200)), (answer.Question, answer.Standing, answer.Account));
        Assert.Equal([new PermittedFile(PermitVerdict.Exceeded, 300, null)], answer.Files.ToArray());
        Assert.True(answer.Verify());
    }

    [Fact]
    public void Every_flipped_bit_is_refused_or_shows_in_the_verification()
    {
        Flip(Sign(TestFiles.Owner, PermitOrder.Purpose, Order), bytes => PermitOrder.TryRead(bytes, out var read) && read.Verify());
        Flip(Sign(TestFiles.Holder, ContributionClaim.Purpose, Claim), bytes => ContributionClaim.TryRead(bytes, out var read) && read.Verify());
        Flip(Sign(TestFiles.Holder, BrokerAnswer.Purpose, Answer), bytes => BrokerAnswer.TryRead(bytes, out var read) && read.Verify());
    }

    [Fact]
    public void Fields_of_a_later_release_are_skipped()
    {
        Assert.True(PermitOrder.TryRead(Sign(TestFiles.Owner, PermitOrder.Purpose, [0x94, .. Order[1..], 0x2a]), out _));
        Assert.True(ContributionClaim.TryRead(Sign(TestFiles.Owner, ContributionClaim.Purpose, [0x96, .. Claim[1..], 0x2a]), out _));
        Assert.True(BrokerAnswer.TryRead(Sign(TestFiles.Owner, BrokerAnswer.Purpose, [0x96, .. Answer[1..], 0x2a]), out _));
    }

    [Fact]
    public void Largest_order_and_its_answer_fit_a_message()
    {
        OrderedFile[] files = [.. Enumerable.Repeat(File with { ContentLength = ContentLayout.ContentLengthMax, ReplicaCount = 64 }, PermitOrder.FilesMax)];
        var order = Sign(TestFiles.Owner, PermitOrder.Purpose, PermitOrder.Encode(TestFiles.Holder.PublicKey, Bearer, files));
        Assert.True(PermitOrder.TryRead(order, out _));

        var permit = BrokerTalk.Permit(TestFiles.Holder, TestFiles.Certify(TestFiles.Content(1000)), serial: long.MaxValue);
        var permitted = Enumerable.Repeat(new PermittedFile(PermitVerdict.Permitted, long.MaxValue, permit), PermitOrder.FilesMax).ToArray();
        var answer = Sign(TestFiles.Holder, BrokerAnswer.Purpose, BrokerAnswer.Encode(default, BrokerStanding.Answered, new QuotaAccount(long.MaxValue, long.MaxValue), permitted));
        Assert.True(BrokerAnswer.TryRead(answer, out _));
        Assert.InRange(Payload.FromContent(new BrokerReply(ulong.MaxValue, [.. answer])).ToArray().Length, 1, Payload.LengthMax);

        ImmutableArray<byte> receipt = [.. new byte[ReclaimReceipt.EncodedLengthMax]];
        var claim = new BrokerRequest(ulong.MaxValue, BrokerAct.Credit, [.. new byte[PermitOrder.EncodedLengthMax]], [.. Enumerable.Repeat(receipt, 100)]);
        Assert.InRange(claim.Receipts.Length, 40, BrokerRequest.ReceiptsMax);
        Assert.InRange(Payload.FromContent(claim).ToArray().Length, 1, Payload.LengthMax);
    }

    [Fact]
    public void Order_of_too_many_files_is_refused()
    {
        var files = Enumerable.Repeat(File, PermitOrder.FilesMax + 1).ToArray();
        Assert.False(PermitOrder.TryRead(Sign(TestFiles.Owner, PermitOrder.Purpose, PermitOrder.Encode(TestFiles.Holder.PublicKey, Bearer, files)), out _));
    }

    private static byte[] Sign(SigningKey key, string purpose, byte[] body)
    {
        var encoded = new ArrayBufferWriter<byte>();
        SignedStatement.Sign(key, purpose, body).WriteTo(encoded);
        return encoded.WrittenSpan.ToArray();
    }

    private static void Flip(byte[] encoded, Func<ReadOnlyMemory<byte>, bool> isGood)
    {
        for (var bit = 0; bit < encoded.Length * 8; bit++)
        {
            byte[] bytes = [.. encoded];
            bytes[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.False(isGood(bytes), $"bit {bit}");
        }
    }
}
