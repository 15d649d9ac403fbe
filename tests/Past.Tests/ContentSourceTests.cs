using P2P.Past;

namespace Past.Tests;

public sealed class ContentSourceTests : IDisposable
{
    private readonly string _path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());

    public void Dispose() => File.Delete(_path);

    [Theory]
    [InlineData("file")]
    [InlineData("bytes")]
    [InlineData("stream")]
    public async Task Every_source_gives_its_content_from_any_place_on_and_again(string kind)
    {
        var content = TestFiles.Content(100_000);
        File.WriteAllBytes(_path, content);
        var source = kind switch
        {
            "file" => ContentSource.FromFile(_path),
            "bytes" => ContentSource.FromBytes(content),
            _ => ContentSource.FromStream(new MemoryStream(content)),
        };
        Assert.Equal(content.Length, source.Length);
        foreach (var offset in new[] { 0, 1, 54_321, content.Length })
        {
            Assert.Equal(content[offset..], await ReadAsync(source, offset));
        }

        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(async () => await source.OpenAsync(content.Length + 1));
    }

    [Fact]
    public async Task Streams_opened_from_one_stream_do_not_disturb_each_other()
    {
        var content = TestFiles.Content(100_000);
        var source = ContentSource.FromStream(new MemoryStream(content));
        await using var first = await source.OpenAsync(0);
        await using var second = await source.OpenAsync(50_000);
        var (left, right) = (new byte[1000], new byte[1000]);
        await first.ReadExactlyAsync(left);
        await second.ReadExactlyAsync(right);
        await first.ReadExactlyAsync(left);
        Assert.Equal(content[1000..2000], left);
        Assert.Equal(content[50_000..51_000], right);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(1)]
    public async Task A_file_that_changes_its_length_fails_the_reading(int change)
    {
        File.WriteAllBytes(_path, new byte[1000]);
        var source = ContentSource.FromFile(_path);
        File.WriteAllBytes(_path, new byte[1000 + change]);
        var failure = await Assert.ThrowsAsync<PastException>(() => ReadAsync(source, 0));
        Assert.Contains(_path, failure.Message);
        Assert.Contains("1000", failure.Message);
        await Assert.ThrowsAsync<PastException>(async () => await ContentTree.ComputeAsync(source));
    }

    [Fact]
    public async Task A_file_that_is_missing_or_vanishes_is_named()
    {
        Assert.Contains(_path, Assert.Throws<PastException>(() => ContentSource.FromFile(_path)).Message);
        File.WriteAllBytes(_path, new byte[10]);
        var source = ContentSource.FromFile(_path);
        File.Delete(_path);
        await Assert.ThrowsAsync<PastException>(async () => await source.OpenAsync(0));
    }

    private static async Task<byte[]> ReadAsync(IContentSource source, long offset)
    {
        await using var stream = await source.OpenAsync(offset);
        var copy = new MemoryStream();
        await stream.CopyToAsync(copy);
        return copy.ToArray();
    }
}
