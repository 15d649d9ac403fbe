using BackupTool.Packs;
using BackupTool.Vault;
using P2P.Past;

namespace BackupTool.Tests.Packs;

public sealed class PackTests : IDisposable
{
    private readonly RepositoryKeys _keys = new(new byte[32]);
    private readonly Sealer _sealer;
    private readonly ChunkCoder _coder;

    public PackTests()
    {
        _sealer = new Sealer(_keys.Sealing);
        _coder = new ChunkCoder(_keys, _sealer);
    }

    public void Dispose()
    {
        _coder.Dispose();
        _sealer.Dispose();
        _keys.Dispose();
    }

    [Fact]
    public void Chunks_come_back_from_a_pack_by_its_own_directory()
    {
        byte[][] chunks = [[], [1], Content(5_000, isRandom: true), Content(3_000_000, isRandom: false), Content(1_000_000, isRandom: true)];
        var (content, _) = Pack(chunks);
        var (run, directory) = PackFormat.ReadDirectory(_sealer, content.Span);
        Assert.Equal(chunks.Select(chunk => chunk.Length), directory.Select(chunk => chunk.Length));
        Assert.True(directory[3].IsCompressed && !directory[4].IsCompressed);
        var offset = PackFormat.HeadLength;
        for (var number = 0; number < chunks.Length; number++)
        {
            var chunk = new byte[directory[number].Length];
            Assert.True(_coder.TryDecode(run, directory[number], content.Span.Slice(offset, directory[number].StoredLength), chunk));
            Assert.Equal(chunks[number], chunk);
            offset += directory[number].StoredLength;
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_damaged_chunk_or_one_in_anothers_place_is_not_taken(bool isRandom)
    {
        var (content, directory) = Pack([Content(2_000, isRandom), Content(2_001, isRandom)]);
        var (first, second) = (directory[0], directory[1]);
        var stored = content.Slice(PackFormat.HeadLength, first.StoredLength).ToArray();
        var chunk = new byte[first.Length];
        Assert.True(_coder.TryDecode(_sealer.Run, first, stored, chunk));
        Assert.False(_coder.TryDecode(_sealer.Run, second, stored, new byte[second.Length]));
        Assert.False(_coder.TryDecode(new byte[Sealer.RunLength], first, stored, chunk));
        Assert.False(_coder.TryDecode(_sealer.Run, first with { IsCompressed = !first.IsCompressed }, stored, chunk));
        Assert.False(_coder.TryDecode(_sealer.Run, first, stored, new byte[first.Length + 1]));
        Assert.False(_coder.TryDecode(_sealer.Run, first, [], chunk));
        for (var place = 0; place < stored.Length; place += 7)
        {
            stored[place] ^= 1;
            Assert.False(_coder.TryDecode(_sealer.Run, first, stored, chunk));
            stored[place] ^= 1;
        }
    }

    [Fact]
    public void A_pack_that_is_cut_off_or_damaged_at_its_end_has_no_directory()
    {
        var (content, _) = Pack([Content(100, isRandom: true)]);
        for (var length = 0; length < content.Length; length++)
        {
            var cut = content[..length];
            Assert.Throws<BackupException>(() => PackFormat.ReadDirectory(_sealer, cut.Span));
        }

        Assert.All((byte[])[0x7f, 0x80, 0xff], length =>
        {
            var damaged = content.ToArray();
            damaged.AsSpan(^4).Fill(length);
            Assert.Throws<BackupException>(() => PackFormat.ReadDirectory(_sealer, damaged));
        });
    }

    [Fact]
    public void An_index_tells_of_packs_as_they_are()
    {
        var (content, directory) = Pack([Content(100, isRandom: true), Content(200, isRandom: false)]);
        var pack = new Pack(FileId.Parse("00112233445566778899aabbccddeeff00112233"), content.Length, _sealer.Run, directory);
        var read = Assert.Single(IndexFormat.Read(_sealer, IndexFormat.Write(_sealer, [pack])));
        Assert.Equal((pack.File, pack.Length), (read.File, read.Length));
        Assert.Equal(pack.Run, read.Run);
        Assert.Equal(pack.Chunks, read.Chunks);
        Assert.Empty(IndexFormat.Read(_sealer, IndexFormat.Write(_sealer, [])));
    }

    [Theory]
    [InlineData("ffffff7f")]
    [InlineData("0100")]
    [InlineData("0100000000112233445566778899aabbccddeeff001122330000000000000000000000000000000000000000ffffff7f")]
    [InlineData("0100000000112233445566778899aabbccddeeff001122330000000000000000000000000000000000000000ffffffff")]
    public void An_index_that_promises_more_than_it_has_is_refused(string content) =>
        Assert.Throws<BackupException>(() => IndexFormat.Read(_sealer, SealedDocument.Write(_sealer, "index", Convert.FromHexString(content))));

    [Fact]
    public void The_first_place_of_a_chunk_counts_and_one_that_is_found_damaged_is_forgotten()
    {
        var (content, directory) = Pack([Content(100, isRandom: true)]);
        Pack[] packs = [.. new[] { "00112233445566778899aabbccddeeff00112233", "ff112233445566778899aabbccddeeff00112233" }
            .Select(file => new Pack(FileId.Parse(file), content.Length, _sealer.Run, directory))];
        var index = new ChunkIndex();
        index.Add(packs[0]);
        index.Add(packs[1]);
        Assert.True(index.TryFind(directory[0].Id, out var place));
        Assert.Equal((0, PackFormat.HeadLength), (place.Pack, place.Offset));
        index.Forget(directory[0].Id, packs[1]);
        Assert.True(index.Contains(directory[0].Id));
        index.Forget(directory[0].Id, packs[0]);
        Assert.False(index.Contains(directory[0].Id));
    }

    private (ReadOnlyMemory<byte> Content, IReadOnlyList<PackedChunk> Chunks) Pack(params byte[][] chunks)
    {
        var builder = new PackBuilder(_sealer);
        foreach (var chunk in chunks)
        {
            var stored = new byte[ChunkCoder.StoredLengthMax(chunk.Length)];
            var packed = _coder.Encode(_keys.Name(chunk), chunk, stored);
            builder.Add(packed, stored.AsSpan(0, packed.StoredLength));
        }

        return builder.Take();
    }

    private static byte[] Content(int length, bool isRandom)
    {
        var content = new byte[length];
        if (isRandom)
        {
            new Random(length).NextBytes(content);
        }
        else
        {
            for (var place = 0; place < length; place++)
            {
                content[place] = (byte)(place / 100);
            }
        }

        return content;
    }
}
