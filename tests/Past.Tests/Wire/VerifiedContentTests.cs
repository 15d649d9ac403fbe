using System.IO.Pipelines;
using P2P.Past;
using P2P.Past.Wire;

namespace Past.Tests.Wire;

public sealed class VerifiedContentTests
{
    private const int Leaf = ContentLayout.LeafSize;

    [Theory]
    [MemberData(nameof(TestFiles.Lengths), MemberType = typeof(TestFiles))]
    public async Task Whole_content_arrives_as_it_was(int length)
    {
        var content = TestFiles.Content(length);
        var certificate = TestFiles.Certify(content);
        Assert.Equal(content, await TransferAsync(certificate, content, certificate.Layout.AllLeaves));
    }

    [Fact]
    public async Task Any_range_of_leaves_arrives_as_it_was()
    {
        var content = TestFiles.Content(150 * Leaf + 1234);
        var certificate = TestFiles.Certify(content);
        var random = new Random(3);
        foreach (var (first, end) in new[] { (0, 1), (63, 65), (64, 128), (150, 151), (1, 151), (random.Next(100), 140) })
        {
            var arrived = await TransferAsync(certificate, content, new LeafRange(first, end - first));
            Assert.True(content.AsSpan(first * Leaf, Math.Min(end * Leaf, content.Length) - first * Leaf).SequenceEqual(arrived));
        }
    }

    [Fact]
    public async Task What_follows_the_last_leaf_stays_in_the_pipe()
    {
        var content = TestFiles.Content(1000);
        var certificate = TestFiles.Certify(content);
        var sent = await SendAsync(certificate, content, certificate.Layout.AllLeaves);
        var input = PipeReader.Create(new MemoryStream([.. sent, 1, 2, 3]));
        using var reader = new VerifiedContentReader(input, certificate, certificate.Layout.AllLeaves);
        Assert.NotNull(await reader.ReadAsync());
        Assert.Null(await reader.ReadAsync());
        Assert.Equal(3, (await input.ReadAtLeastAsync(3)).Buffer.Length);
    }

    [Fact]
    public async Task Every_flipped_byte_is_detected()
    {
        var content = TestFiles.Content(700);
        var certificate = TestFiles.Certify(content);
        var sent = await SendAsync(certificate, content, certificate.Layout.AllLeaves);
        for (var place = 0; place < sent.Length; place++)
        {
            sent[place] ^= 0x10;
            var failure = await Assert.ThrowsAsync<ContentVerificationException>(() => ReceiveAsync(certificate, sent, certificate.Layout.AllLeaves));
            Assert.False(failure.EndedEarly);
            sent[place] ^= 0x10;
        }
    }

    [Fact]
    public async Task A_flipped_byte_in_headers_paths_or_leaves_of_large_content_is_detected()
    {
        var content = TestFiles.Content(66 * Leaf + 10);
        var certificate = TestFiles.Certify(content);
        var leaves = new LeafRange(63, 3);
        var sent = await SendAsync(certificate, content, leaves);
        var random = new Random(5);
        var headers = Enumerable.Range(0, ContentSegmentHeader.FixedLength + 65 * Hash256.ByteLength);
        foreach (var place in headers.Concat(Enumerable.Range(0, 60).Select(_ => random.Next(sent.Length))))
        {
            sent[place] ^= 1;
            await Assert.ThrowsAsync<ContentVerificationException>(() => ReceiveAsync(certificate, sent, leaves));
            sent[place] ^= 1;
        }
    }

    [Fact]
    public async Task Leaves_before_a_wrong_one_are_good_and_given_out()
    {
        var content = TestFiles.Content(3 * Leaf);
        var certificate = TestFiles.Certify(content);
        var sent = await SendAsync(certificate, content, certificate.Layout.AllLeaves);
        sent[^1] ^= 1;
        using var reader = new VerifiedContentReader(PipeReader.Create(new MemoryStream(sent)), certificate, certificate.Layout.AllLeaves);
        Assert.Equal(0, (await reader.ReadAsync())!.Value.Index);
        Assert.Equal(1, (await reader.ReadAsync())!.Value.Index);
        await Assert.ThrowsAsync<ContentVerificationException>(async () => await reader.ReadAsync());
    }

    [Fact]
    public async Task Content_that_ends_anywhere_before_its_end_is_told_from_wrong_content()
    {
        var content = TestFiles.Content(300);
        var certificate = TestFiles.Certify(content);
        var sent = await SendAsync(certificate, content, certificate.Layout.AllLeaves);
        for (var length = 0; length < sent.Length; length++)
        {
            var failure = await Assert.ThrowsAsync<ContentVerificationException>(
                () => ReceiveAsync(certificate, sent[..length], certificate.Layout.AllLeaves));
            Assert.True(failure.EndedEarly);
        }
    }

    [Fact]
    public async Task Other_leaves_than_those_asked_for_are_refused()
    {
        var content = TestFiles.Content(130 * Leaf);
        var certificate = TestFiles.Certify(content);
        var sent = await SendAsync(certificate, content, new LeafRange(2, 2));
        foreach (var asked in new[] { new LeafRange(2, 3), new LeafRange(3, 2), new LeafRange(66, 2), new LeafRange(2, 1) })
        {
            await Assert.ThrowsAsync<ContentVerificationException>(() => ReceiveAsync(certificate, sent, asked));
        }
    }

    [Fact]
    public async Task Content_of_another_file_is_refused()
    {
        var content = TestFiles.Content(2 * Leaf, seed: 1);
        var other = TestFiles.Certify(TestFiles.Content(2 * Leaf, seed: 2));
        var sent = await SendAsync(TestFiles.Certify(content), content, new LeafRange(0, 2));
        await Assert.ThrowsAsync<ContentVerificationException>(() => ReceiveAsync(other, sent, new LeafRange(0, 2)));
    }

    [Fact]
    public async Task A_receiver_that_goes_away_ends_the_sending()
    {
        var content = TestFiles.Content(4 * Leaf);
        var certificate = TestFiles.Certify(content);
        var pipe = new Pipe();
        await using var source = new SourceContent(certificate, ContentTree.Compute(content), ContentSource.FromBytes(content));
        var sending = VerifiedContentWriter.WriteAsync(pipe.Writer, source, certificate.Layout.AllLeaves);
        await pipe.Reader.CompleteAsync();
        Assert.False(await sending);
    }

    [Fact]
    public async Task Content_that_changed_after_it_was_certified_is_not_sent()
    {
        var content = TestFiles.Content(2 * Leaf);
        var certificate = TestFiles.Certify(content);
        var tree = ContentTree.Compute(content);
        content[Leaf] ^= 1;
        await using var source = new SourceContent(certificate, tree, ContentSource.FromBytes(content));
        var buffer = new byte[Leaf];
        await source.ReadLeafAsync(0, buffer);
        await Assert.ThrowsAsync<PastException>(async () => await source.ReadLeafAsync(1, buffer));
        Assert.All(buffer, value => Assert.Equal(0, value));
    }

    [Fact]
    public async Task Random_bytes_only_ever_fail_the_verification()
    {
        var content = TestFiles.Content(65 * Leaf);
        var certificate = TestFiles.Certify(content);
        var random = new Random(6);
        for (var round = 0; round < 500; round++)
        {
            var bytes = new byte[random.Next(5000)];
            random.NextBytes(bytes);
            await Assert.ThrowsAsync<ContentVerificationException>(() => ReceiveAsync(certificate, bytes, certificate.Layout.AllLeaves));
        }
    }

    private static async Task<byte[]> TransferAsync(FileCertificate certificate, byte[] content, LeafRange leaves)
    {
        var pipe = new Pipe();
        await using var source = new SourceContent(certificate, ContentTree.Compute(content), ContentSource.FromBytes(content));
        var sending = VerifiedContentWriter.WriteAsync(pipe.Writer, source, leaves).AsTask();
        var arrived = await ReceiveAsync(certificate, pipe.Reader, leaves);
        Assert.True(await sending);
        return arrived;
    }

    private static async Task<byte[]> SendAsync(FileCertificate certificate, byte[] content, LeafRange leaves)
    {
        var sent = new MemoryStream();
        var output = PipeWriter.Create(sent);
        await using var source = new SourceContent(certificate, ContentTree.Compute(content), ContentSource.FromBytes(content));
        Assert.True(await VerifiedContentWriter.WriteAsync(output, source, leaves));
        return sent.ToArray();
    }

    private static Task<byte[]> ReceiveAsync(FileCertificate certificate, byte[] sent, LeafRange leaves) =>
        ReceiveAsync(certificate, PipeReader.Create(new MemoryStream(sent)), leaves);

    private static async Task<byte[]> ReceiveAsync(FileCertificate certificate, PipeReader input, LeafRange leaves)
    {
        var arrived = new MemoryStream();
        using var reader = new VerifiedContentReader(input, certificate, leaves);
        while (await reader.ReadAsync() is { } leaf)
        {
            await arrived.WriteAsync(leaf.Bytes);
        }

        return arrived.ToArray();
    }
}
