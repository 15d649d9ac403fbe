using BackupTool.Chunks;

namespace BackupTool.Tests.Chunks;

public sealed class ChunkerTests
{
    private static readonly byte[] Key = [.. Enumerable.Range(0, 32).Select(number => (byte)number)];

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(Chunker.MinLength)]
    [InlineData(Chunker.MinLength + 1)]
    [InlineData(30_000_000)]
    public void Chunks_are_neither_longer_nor_shorter_than_allowed_and_make_up_the_content(int length)
    {
        var lengths = Cut(Content(length, seed: 1), Key).Select(chunk => chunk.Length).ToArray();
        Assert.Equal(length, lengths.Sum());
        Assert.All(lengths, chunk => Assert.InRange(chunk, 1, Chunker.MaxLength));
        Assert.All(lengths.SkipLast(1), chunk => Assert.True(chunk > Chunker.MinLength));
    }

    [Fact]
    public void Most_chunks_have_about_the_normal_length()
    {
        var chunks = Cut(Content(60_000_000, seed: 2), Key);
        Assert.InRange(60_000_000.0 / chunks.Count, 0.6 * Chunker.NormalLength, 1.4 * Chunker.NormalLength);
    }

    [Fact]
    public void Content_without_any_border_is_cut_at_the_longest() =>
        Assert.All(Cut(new byte[20_000_000], Key).SkipLast(1), chunk => Assert.Equal(Chunker.MaxLength, chunk.Length));

    [Fact]
    public void An_insertion_changes_the_chunks_around_it_and_no_others()
    {
        var content = Content(60_000_000, seed: 3);
        byte[] changed = [.. content[..30_000_000], 1, 2, 3, .. content[30_000_000..]];
        var before = Cut(content, Key).Select(Convert.ToHexString).ToHashSet();
        var after = Cut(changed, Key).Select(Convert.ToHexString).ToHashSet();
        Assert.InRange(after.Count(chunk => !before.Contains(chunk)), 1, 3);
    }

    [Fact]
    public void Another_key_cuts_elsewhere()
    {
        var content = Content(30_000_000, seed: 4);
        byte[] other = [.. Key];
        other[0]++;
        Assert.Empty(Borders(Cut(content, Key)).Intersect(Borders(Cut(content, other))));
    }

    private static IEnumerable<int> Borders(IReadOnlyList<byte[]> chunks)
    {
        var border = 0;
        return [.. chunks.SkipLast(1).Select(chunk => border += chunk.Length)];
    }

    private static List<byte[]> Cut(byte[] content, byte[] key)
    {
        var (chunker, chunks) = (new Chunker(key), new List<byte[]>());
        for (var start = 0; start < content.Length; start += chunks[^1].Length)
        {
            var rest = content.AsSpan(start);
            chunks.Add(rest[..chunker.Cut(rest[..Math.Min(rest.Length, Chunker.MaxLength)])].ToArray());
        }

        return chunks;
    }

    private static byte[] Content(int length, int seed)
    {
        var content = new byte[length];
        new Random(seed).NextBytes(content);
        return content;
    }
}
