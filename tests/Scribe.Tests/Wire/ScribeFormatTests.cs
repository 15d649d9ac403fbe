using P2P.Pastry;
using P2P.Pastry.Simulation;
using P2P.Scribe;
using P2P.Scribe.Wire;
using Pastry.Tests;
using Xunit.Abstractions;

namespace Scribe.Tests.Wire;

public sealed class ScribeFormatTests(ITestOutputHelper output)
{
    /// <summary>The same in each run; its signatures are not.</summary>
    private static readonly SigningKey Key = new PastrySimulation(new PastrySimulationOptions { Seed = 1 }).NextKey();
    private static readonly GroupId Group = GroupId.FromBytes([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16]);
    private static readonly GroupId Other = GroupId.FromBytes([255, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16]);
    private static readonly NodeId Author = NodeId.FromBytes([9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9]);
    private static readonly NodeHandle Node = new(Author, 3, [new NodeAddress("node.example", 4000)]);
    private static readonly EpochBegin[] Epochs = [new(1, Node.Id, 1), new(2, Author, 40)];
    private static readonly EpochLine Line = new(1, 2, Author);
    private static readonly Quorum Quorum = new(new GroupPosition(2, 3), [Node]);
    private static readonly StreamDigest Digest = new(default, new GroupPosition(2, 77), 40) { Epochs = Epochs };

    private static readonly GroupCertificate Certificate = GroupCertificate.CreateAsync("Grüße 世界", Key, new GroupPolicy { Members = GroupAudience.Invited }, DateTimeOffset.UnixEpoch.AddDays(20_000)).AsTask().Result;

    private static readonly GroupCapability Capability = GroupCapability.IssueAsync(Key, Certificate.Id, Key.PublicKey, GroupRights.Join | GroupRights.Publish, DateTimeOffset.UnixEpoch.AddDays(30_000)).AsTask().Result;

    private static readonly SignedBatch Batch = SignedBatch.CreateAsync(
        Certificate.Id,
        Key.PublicKey,
        isOrdered: true,
        new GroupPosition(1_700_000_000, 5),
        [new BatchItem(DeliveryClass.Ordered, 0, "one"u8.ToArray()), new BatchItem(DeliveryClass.Ordered, 7, ReadOnlyMemory<byte>.Empty)],
        Capability,
        (purpose, body) => SignedStatement.SignAsync(Key, purpose, body)).AsTask().Result;

    private static readonly SignedBatch Anycast = SignedBatch.CreateAsync(
        Certificate.Id,
        Key.PublicKey,
        isOrdered: false,
        new GroupPosition(1_700_000_000, 9),
        [new BatchItem(SystemClass.Anycast, 9, "room?"u8.ToArray())],
        Capability,
        (purpose, body) => SignedStatement.SignAsync(Key, purpose, body)).AsTask().Result;

    private static readonly ScribeMessage[] OneOfEachKind =
    [
        new JoinRequest([new JoinRequest.Entry(Group, 5, HasCertificate: true, Capability: null, HistoryAge: TimeSpan.FromSeconds(5))]),
        new JoinReply([new JoinReply.Entry(Group, 5, JoinOutcome.Grafted, Certificate: null, [1, ulong.MaxValue], [Digest], []) { Since = [70] }, JoinReply.Entry.Of(Other, 6, JoinOutcome.Full) with { Others = [Node] }]),
        new LeaveNotice([Group, Other]),
        new Heartbeat(2, 0x1234, [(Group, Digest)], [Group]),
        new LinkReport(Group, Other, [Group]),
        new ReplayRequest(Group, default, 5, 9),
        new ReplayRefusal(Group, Author, 8),
        new PublicationReply(Group, isOrdered: true, Author, new GroupPosition(1_700_000_000, 5), PublicationOutcome.Taken, new GroupPosition(2, 78)),
        new RootSearch(Group),
        new RootFound(Group, exists: true),
        new CreateReply(9, CreateOutcome.Exists),
        new RootClaim(Group, 77, 3),
        new RootPromise(Group, 77, isGranted: true, certificate: null, new GroupPosition(2, 78)),
        new RecordReply(Group, new GroupPosition(2, 78)) { QuorumVersion = Quorum.Version, Line = Line },
        new RecordRequest(Group, 79),
        new WitnessRequest([new WitnessRequest.Entry(Group, new GroupPosition(2, 78))]),
        new WitnessReply([new WitnessReply.Entry(Group, Node)]),
        new AnycastReply(9, AnycastOutcome.Accepted, "yes"u8.ToArray()),
        new FlowMark(default, 1_000_000, isAnswer: false),
        new FlowMark(Group, 1_000_000, isAnswer: true),
        new DropNotice(Group, 12),
        new JoinRequest([new JoinRequest.Entry(Group, 5, HasCertificate: false, Capability, HistoryAge: default)]),
        new CreateRequest(9, Certificate),
        new AnycastSearch(Node, Anycast, [1, ulong.MaxValue], [Node]),
        new RootPromise(Certificate.Id, 77, isGranted: true, Certificate, new GroupPosition(2, 78)) { Epoch = 4, Quorum = Quorum, Line = Line },
        new RecordUpdate(Certificate, new GroupPosition(2, 78), 40, 12, [new AuthorMark(Author, new GroupPosition(1_700_000_000, 5), new GroupPosition(2, 78))]) { Quorum = Quorum, Line = Line, Epochs = Epochs, ForgottenEpoch = 1_700_003_327 },
        new BatchMessage(ScribeMessageKind.Batch, Batch, new GroupPosition(2, 78), 40, isReplay: true) { Age = TimeSpan.FromMinutes(1) },
        new BatchMessage(ScribeMessageKind.Publication, Batch, default, 4, isReplay: false),
        new BatchMessage(ScribeMessageKind.RecordAppend, Batch, new GroupPosition(2, 78), 40, isReplay: false),
        new BatchMessage(ScribeMessageKind.Witness, Batch, new GroupPosition(2, 78), 40, isReplay: false),
    ];

    [Fact]
    public void Bytes_are_approved() =>
        Approve.Text(string.Join("\n", OneOfEachKind.Select(message => $"{message.Kind}\n    {Convert.ToHexStringLower(WithoutSignatures(Encode(message)))}")));

    [Fact]
    public void Each_kind_is_read_as_it_was_written()
    {
        Assert.Equal(Enum.GetValues<ScribeMessageKind>(), OneOfEachKind.Select(message => message.Kind).Distinct().Order());
        foreach (var message in OneOfEachKind)
        {
            var read = Read(Encode(message));
            Assert.NotNull(read);
            Assert.Equal(message.GetType(), read.GetType());
            Assert.Equal(Encode(message), Encode(read));
        }
    }

    [Fact]
    public void Fields_that_came_later_may_be_missing()
    {
        var request = Assert.IsType<JoinRequest>(Read(Convert.FromHexString("0101919194c4100102030405060708090a0b0c0d0e0f1005c3c0")));
        Assert.Equal(new JoinRequest.Entry(Group, 5, HasCertificate: true, Capability: null, HistoryAge: default), Assert.Single(request.Entries));
        var reply = Assert.IsType<JoinReply>(Read(Convert.FromHexString("0102919197c4100102030405060708090a0b0c0d0e0f100500c09201cfffffffffffffffff9194c41000000000000000000000000000000000024d2890")));
        Assert.Empty(Assert.Single(reply.Entries).Since);
        Assert.Empty(Assert.Single(Assert.Single(reply.Entries).Streams).Epochs);
        var claim = Assert.IsType<RootClaim>(Read(Convert.FromHexString("010f92c4100102030405060708090a0b0c0d0e0f104d")));
        Assert.Equal((Group, 77U, 0U), (claim.Group, claim.Nonce, claim.Epoch));
        var promise = Assert.IsType<RootPromise>(Read(Convert.FromHexString("011096c4100102030405060708090a0b0c0d0e0f104dc3c0024e")));
        Assert.Equal((2U, Quorum.None, default(EpochLine)), (promise.Epoch, promise.Quorum, promise.Line));
        var recordReply = Assert.IsType<RecordReply>(Read(Convert.FromHexString("011393c4100102030405060708090a0b0c0d0e0f10024e")));
        Assert.Equal((new GroupPosition(2, 78), GroupPosition.None, default(EpochLine)), (recordReply.Last, recordReply.QuorumVersion, recordReply.Line));
    }

    [Fact]
    public void Sets_of_nodes_that_decide_are_no_larger_than_they_can_be()
    {
        foreach (var (count, isRead) in ((int, bool)[])[(Quorum.NodesMax, true), (Quorum.NodesMax + 1, false)])
        {
            var update = new RecordUpdate(Certificate, new GroupPosition(2, 78), 40, 12, []) { Quorum = new Quorum(new GroupPosition(2, 3), [.. Enumerable.Repeat(Node, count)]) };
            Assert.Equal(isRead, Read(Encode(update)) is not null);
        }
    }

    [Fact]
    public void A_batch_is_read_with_all_that_its_author_has_signed()
    {
        var read = Assert.IsType<BatchMessage>(Read(Encode(OneOfEachKind[^4])));
        Assert.Equal((new GroupPosition(2, 78), 40UL, true), (read.Position, read.EpochStart, read.IsReplay));
        Assert.Equal((Certificate.Id, Key.PublicKey, true, new GroupPosition(1_700_000_000, 5), 2), (read.Batch.Group, read.Batch.Author, read.Batch.IsOrdered, read.Batch.AuthorPosition, read.Batch.Count));
        Assert.Equal(Capability, read.Batch.Capability);
        Assert.Equal(["one", ""], ContentsOf(read.Batch));
        Assert.True(read.Batch.Verify());
    }

    [Fact]
    public void A_batch_of_which_a_signed_byte_was_changed_is_not_right()
    {
        var original = Batch.Bytes.ToArray();
        var signedLength = original[0] << 8 | original[1];
        for (var i = 2; i < 2 + signedLength; i++)
        {
            var changed = (byte[])original.Clone();
            changed[i] ^= 1;
            Assert.False(SignedBatch.TryRead(changed, out var batch) && batch.Verify(), $"byte {i}");
        }
    }

    [Fact]
    public void Truncated_message_is_none()
    {
        foreach (var message in OneOfEachKind)
        {
            var bytes = Encode(message);
            for (var length = 0; length < bytes.Length; length++)
            {
                Assert.Null(Read(bytes[..length]));
            }

            Assert.Null(Read([.. bytes, 0]));
        }
    }

    [Fact]
    public void Mutated_message_is_another_one_or_none()
    {
        const int Seed = 1;
        output.WriteLine($"seed {Seed}");
        var random = new Random(Seed);
        var rounds = Environment.GetEnvironmentVariable("P2P_LONG") == "1" ? 200_000 : 2_000;
        foreach (var message in OneOfEachKind)
        {
            var original = Encode(message);
            for (var round = 0; round < rounds; round++)
            {
                var bytes = (byte[])original.Clone();
                for (var change = random.Next(1, 4); change > 0; change--)
                {
                    bytes[random.Next(bytes.Length)] = random.Next(3) == 0 ? (byte)random.Next(0xC0, 0x100) : (byte)random.Next(256);
                }

                if (Read(bytes) is { } read)
                {
                    Assert.NotNull(Read(Encode(read)));
                }
            }
        }
    }

    /// <summary>Puts ee in the place of each byte of a signature.</summary>
    private static byte[] WithoutSignatures(byte[] encoded)
    {
        ReadOnlyMemory<byte>[] signatures = [Certificate.Encoded.AsMemory()[^SigningKey.SignatureLength..], Capability.Encoded.AsMemory()[^SigningKey.SignatureLength..], SignatureOf(Batch), SignatureOf(Anycast)];
        foreach (var signature in signatures)
        {
            while (encoded.AsSpan().IndexOf(signature.Span) is >= 0 and var at)
            {
                encoded.AsSpan(at, signature.Length).Fill(0xEE);
            }
        }

        return encoded;
    }

    private static ReadOnlyMemory<byte> SignatureOf(SignedBatch batch) =>
        batch.Bytes.Slice(batch.LastContentIndex + 1 + PublicKey.EncodedLength, SigningKey.SignatureLength);

    private static List<string> ContentsOf(SignedBatch batch)
    {
        var contents = new List<string>();
        foreach (var item in batch.Items())
        {
            contents.Add(System.Text.Encoding.UTF8.GetString(item.Content.Span));
        }

        return contents;
    }

    private static byte[] Encode(ScribeMessage message) => Payload.FromContent(message).ToArray();

    private static ScribeMessage? Read(byte[] bytes) => ScribeFormat.Read(Payload.FromBytes(bytes));
}
