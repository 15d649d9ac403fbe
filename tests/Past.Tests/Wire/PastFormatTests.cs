using System.Buffers;
using System.Text;
using P2P.Bloom;
using P2P.Past;
using P2P.Past.Wire;
using P2P.Pastry;
using Pastry.Tests;
using Xunit.Abstractions;

namespace Past.Tests.Wire;

public class PastFormatTests(ITestOutputHelper output)
{
    private static readonly NodeHandle Alice =
        new(NodeId.Parse("10233102000000000000000000000001"), incarnation: 1, [new NodeAddress("192.0.2.1", 4000)]);

    private static readonly NodeHandle Bob =
        new(NodeId.Parse("f0000000000000000000000000000002"), incarnation: 300, [new NodeAddress("bob.example", 4001)], failureDomain: 7);

    private static readonly FileId File1 = FileId.Parse("000102030405060708090a0b0c0d0e0f10111213");

    private static readonly FileId File2 = FileId.Parse("f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff00112233");

    private static readonly byte[] Content = "hello"u8.ToArray();

    /// <summary>Signatures are random, so the certificate and the receipt of the approved bytes were made once.</summary>
    private static readonly FileCertificate Certificate = FileCertificate.TryRead(WithoutSignature([.. TestFiles.Certify(Content).Encoded]), out var certificate) ? certificate : null!;

    private static readonly StoreReceipt Receipt =
        StoreReceipt.TryRead(WithoutSignature([.. StoreReceipt.Create(Certificate, TestFiles.Holder, TestFiles.Created).Encoded]), out var receipt) ? receipt : null!;

    private static readonly ReclaimCertificate Reclaim =
        ReclaimCertificate.TryRead(WithoutSignature([.. TestFiles.TakeBack(Certificate).Encoded]), out var reclaim) ? reclaim : null!;

    private static readonly ReclaimReceipt Reclaimed =
        ReclaimReceipt.TryRead(WithoutSignature([.. TestFiles.GiveUp(Reclaim, 5).Encoded]), out var reclaimed) ? reclaimed : null!;

    private static readonly ReclaimReceipt NeverHeld =
        ReclaimReceipt.TryRead(WithoutSignature([.. TestFiles.GiveUp(Reclaim, null).Encoded]), out var refusing) ? refusing : null!;

    private static readonly PastMessage[] OneOfEachKind =
    [
        new InsertSearch(File1, 3, 0x01020304, Alice),
        new InsertRequest(0x01020304, Certificate, Content),
        new InsertRequest(0x01020304, Certificate, content: null),
        new InsertAccepted(0x01020304, [Alice, Bob]),
        new StoreRequest(0, Alice, Certificate, Content),
        new StoreRequest(0x01020304, Alice, Certificate, content: null),
        new StoreReply(0x01020304, File1, RefusalCode.None, Receipt),
        new StoreReply(0x01020304, File1, RefusalCode.StorageFailed, receipt: null),
        new StoreProgress(0x01020304),
        new LookupSearch(File1, thorough: true, 0x01020304, Alice),
        new LookupSearch(File1, thorough: false, 0x01020304, Alice, takesAnswer: true),
        new LookupRequest(0x01020304, File1),
        new LookupFound(0x01020304, Certificate, Content, [Bob]),
        new LookupFound(0x01020304, Certificate, ReadOnlyMemory<byte>.Empty, []),
        new LookupFound(0x01020304, Certificate, Content, [], TimeSpan.FromSeconds(3600)),
        new LookupAbsent(0x01020304, [Alice, Bob]),
        new Invitation(0x01020304),
        new ReplicaOffer([new StoredReplica(File1, 3), new StoredReplica(File2, 64)]),
        new ReplicaOfferReply([File1], [File2], [File1]),
        new ReclaimRequest(0x01020304, Reclaim),
        new ReclaimReply(0x01020304, Reclaimed, [Alice]),
        new ReclaimReply(0x01020304, receipt: null, [Alice, Bob]),
        new StorageNotice(freeBytes: 1_000_000, capacityBytes: 5_000_000_000, asksBack: true),
        new DivertRequest(0x01020304, Certificate, Content, isRepair: false),
        new DivertRequest(0x01020304, Certificate, content: null, isRepair: true),
        new CacheHint(File1, 0x0102030405, Alice),
        new CopyRequest(0x01020304, File1),
        new DiversionNotice(File1, 3, 5, Bob),
        new RoomSearch(File1, 0x0102030405, Alice),
        new RoomOffer(File1),
        new ReclaimReply(0x01020304, NeverHeld, [Alice]),
        new BrokerSearch(0x01020304, Alice),
        new BrokerRequest(0x01020304, BrokerAct.Order, [1, 2, 3], []),
        new BrokerRequest(0x01020304, BrokerAct.Credit, [1, 2, 3], [[4, 5], [6]]),
        new BrokerReply(0x01020304, [1, 2, 3]),
        new ReplicaSummary(new KeyRange(Alice.Id, Bob.Id), FilterOf(File1, File2)),
    ];

    private static BloomFilter FilterOf(params ReadOnlySpan<FileId> files)
    {
        var filter = BloomFilter.ForCapacity(files.Length, 0.01, BloomHasher.Seeded(5));
        Span<byte> id = stackalloc byte[FileId.ByteLength];
        foreach (var file in files)
        {
            file.WriteBytes(id);
            filter.Add((ReadOnlySpan<byte>)id);
        }

        return filter;
    }

    [Fact]
    public void Bytes_of_every_message_are_as_approved()
    {
        var text = new StringBuilder();
        foreach (var message in OneOfEachKind)
        {
            text.Append(message.GetType().Name).Append('\n').Append(Dump(Encode(message))).Append('\n');
        }

        Approve.Text(text.ToString());
    }

    [Fact]
    public void Every_kind_is_among_the_approved() =>
        Assert.Equal(Enum.GetValues<PastMessageKind>().Select(kind => (byte)kind), OneOfEachKind.Select(message => Encode(message)[1]).Distinct().Order());

    [Fact]
    public void What_was_written_reads_as_the_same()
    {
        foreach (var message in OneOfEachKind)
        {
            var read = Read(Encode(message));
            Assert.Equal(message.GetType(), read?.GetType());
            Assert.Equal(Encode(message), Encode(read!));
        }
    }

    /// <summary>
    /// A reply of an earlier release ends before the receipt of a node that never held the file, a request before the word that it is for a repair, and a search
    /// before the word that it takes an answer.
    /// </summary>
    [Fact]
    public void Fields_that_came_later_may_be_missing()
    {
        var bytes = Encode(new ReclaimReply(0x01020304, Reclaimed, [Alice]));
        bytes[2]--;
        Assert.Equal(Reclaimed, Assert.IsType<ReclaimReply>(Read(bytes[..^1])).Receipt);
        bytes = Encode(new DivertRequest(0x01020304, Certificate, Content, isRepair: true));
        Assert.True(Assert.IsType<DivertRequest>(Read(bytes)).IsRepair);
        bytes[2]--;
        Assert.False(Assert.IsType<DivertRequest>(Read(bytes[..^1])).IsRepair);
        bytes = Encode(new LookupSearch(File1, thorough: false, 0x01020304, Alice, takesAnswer: true));
        Assert.True(Assert.IsType<LookupSearch>(Read(bytes)).TakesAnswer);
        bytes[2]--;
        Assert.False(Assert.IsType<LookupSearch>(Read(bytes[..^1])).TakesAnswer);
        Assert.Equal(NeverHeld, Assert.IsType<ReclaimReply>(Read(Encode(new ReclaimReply(0x01020304, NeverHeld, [Alice])))).Receipt);
    }

    [Fact]
    public void Unknown_fields_at_the_end_are_skipped()
    {
        foreach (var message in OneOfEachKind)
        {
            // A fixed array of n fields becomes one of n + 1, the last of which is new.
            var bytes = Encode(message);
            bytes[2]++;
            Assert.Equal(message.GetType(), Read([.. bytes, 0x2A])?.GetType());
        }
    }

    [Fact]
    public void Answer_of_a_release_that_knew_no_caches_is_a_replica_s()
    {
        var bytes = Encode(new LookupFound(0x01020304, Certificate, Content, []));
        bytes[2]--;
        Assert.Equal(TimeSpan.Zero, ((LookupFound)Read(bytes[..^1])!).Age);
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
        var readable = 0;
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

                if (random.Next(8) == 0)
                {
                    bytes = bytes[..random.Next(bytes.Length)];
                }

                if (Read(bytes) is { } read)
                {
                    readable++;
                    Assert.NotNull(Read(Encode(read)));
                }
            }
        }

        output.WriteLine($"{readable} of {rounds * OneOfEachKind.Length} were messages");
    }

    [Fact]
    public void Random_bytes_are_no_message()
    {
        var random = new Random(2);
        for (var round = 0; round < 10_000; round++)
        {
            var bytes = new byte[random.Next(2, 200)];
            random.NextBytes(bytes);
            bytes[0] = PastMessage.Version;
            bytes[1] = (byte)random.Next(24);
            if (Read(bytes) is { } read)
            {
                Assert.NotNull(Read(Encode(read)));
            }
        }
    }

    [Fact]
    public void Longest_lists_fit_into_a_message()
    {
        var files = Enumerable.Repeat(File2, PastFormat.OffersMax).ToArray();
        Assert.True(Encode(new ReplicaOffer([.. files.Select(file => new StoredReplica(file, 64))])).Length < 64 * 1024);
        Assert.True(Encode(new ReplicaOfferReply(files, [], files)).Length < 64 * 1024);
        Assert.NotNull(Read(Encode(new ReplicaOffer([.. files.Select(file => new StoredReplica(file, 64))]))));
    }

    [Fact]
    public void Largest_inline_content_fits_into_a_message_whatever_else_it_carries()
    {
        var host = new string('h', NodeHandle.HostsLengthMax / 2);
        var verbose = new NodeHandle(Bob.Id, ulong.MaxValue, [.. Enumerable.Range(0, 2).Select(i => new NodeAddress(host, 65535))], ulong.MaxValue);
        var content = new byte[PastOptions.InlineLengthLimit];
        var certificate = FileCertificate.Create("large", TestFiles.Owner, ContentTree.Compute(content), 8, new byte[64], TestFiles.Created, new byte[FileCertificate.MetadataLengthMax]);
        PastMessage[] largest =
        [
            new LookupFound(ulong.MaxValue, certificate, content, [.. Enumerable.Repeat(verbose, 64)]),
            new InsertRequest(ulong.MaxValue, certificate, content),
            new StoreRequest(ulong.MaxValue, verbose, certificate, content),
        ];
        Assert.All(largest, message => Assert.True(Encode(message).Length <= 64 * 1024, $"{message}: {Encode(message).Length}"));
    }

    [Fact]
    public void Lookup_s_answer_names_few_nodes_and_takes_no_more_from_others()
    {
        var host = new string('h', NodeHandle.HostsLengthMax / NodeHandle.AddressesMax);
        var verbose = new NodeHandle(Bob.Id, 1, [.. Enumerable.Range(0, NodeHandle.AddressesMax).Select(i => new NodeAddress(host, 65535))]);
        Assert.Equal([Bob, Alice, Bob], new LookupFound(1, Certificate, null, [Bob, Alice, Bob, Alice]).Others);
        Assert.Equal([Bob, verbose, verbose], new LookupFound(1, Certificate, null, [Bob, verbose, verbose]).Others);

        var named = Encode(new InsertAccepted(1, [Bob, Alice, Bob, Alice]))[3..];
        byte[] found = [PastMessage.Version, (byte)PastMessageKind.LookupFound, 0x94, .. Encode(new LookupFound(1, Certificate, Content, []))[3..^1], .. named[1..]];
        Assert.Null(Read(found));
    }

    [Fact]
    public void Head_of_a_search_is_read_without_the_rest()
    {
        var insert = Encode(new InsertSearch(File1, 3, 1, Alice));
        Assert.True(PastFormat.TryReadHead(Payload.FromBytes(insert.AsMemory(0, 2 + 1 + 22 + 1)), out var head));
        Assert.Equal(new SearchHead(PastMessageKind.InsertSearch, File1, 3, Thorough: false), head);
        Assert.True(PastFormat.TryReadHead(Payload.FromBytes(Encode(new LookupSearch(File2, thorough: true, 1, Alice))), out head));
        Assert.Equal(new SearchHead(PastMessageKind.LookupSearch, File2, 0, Thorough: true), head);
        Assert.All(OneOfEachKind.Where(message => message is not SearchMessage), message => Assert.False(PastFormat.TryReadHead(Payload.FromBytes(Encode(message)), out _)));
    }

    [Fact]
    public void Message_of_another_version_is_none()
    {
        foreach (var message in OneOfEachKind)
        {
            var bytes = Encode(message);
            bytes[0]++;
            Assert.Null(Read(bytes));
            Assert.False(PastFormat.TryReadHead(Payload.FromBytes(bytes), out _));
        }
    }

    private static PastMessage? Read(byte[] bytes) => PastFormat.Read(Payload.FromBytes(bytes));

    private static byte[] Encode(PastMessage message)
    {
        var writer = new ArrayBufferWriter<byte>();
        message.WriteTo(writer);
        return writer.WrittenSpan.ToArray();
    }

    /// <summary>Replaces the signature, which stands last, so that the bytes are the same in each run.</summary>
    private static byte[] WithoutSignature(byte[] encoded)
    {
        encoded.AsSpan(encoded.Length - 64).Fill(0x55);
        return encoded;
    }

    private static string Dump(byte[] bytes) =>
        string.Concat(bytes.Chunk(32).Select(line => $"    {Convert.ToHexStringLower(line)}\n"));
}
