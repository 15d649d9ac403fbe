using P2P.YouServ.Protocol;

namespace YouServ.Tests.Files;

public sealed class RequestHeaderTests
{
    [Theory]
    [InlineData("bytes=0-0", "0+1")]
    [InlineData("BYTES=2-3, 5-5", "2+2 5+1")]
    [InlineData("bytes=-0", "")]
    [InlineData("bytes=-3", "7+3")]
    [InlineData("bytes=-30", "0+10")]
    [InlineData("bytes=10-", "")]
    [InlineData("bytes=10-, 9-", "9+1")]
    [InlineData("bytes=0-99999999999999999999", "0+10")]
    [InlineData("bytes=0-, 0-", null)]
    [InlineData("bytes=3-2", null)]
    [InlineData("bytes=", null)]
    [InlineData("bytes=-", null)]
    [InlineData("bytes=a-b", null)]
    [InlineData("bytes=+1-2", null)]
    [InlineData("bytes=1", null)]
    [InlineData("rows=1-2", null)]
    public void Parts_are_read_as_the_standard_says(string header, string? expected)
    {
        var ranges = ByteRanges.Parse(header, 10);
        Assert.Equal(expected, ranges is null ? null : string.Join(' ', ranges.Select(range => $"{range.First}+{range.Length}")));
    }

    [Fact]
    public void No_part_lies_in_an_empty_file() => Assert.Equal([], ByteRanges.Parse("bytes=0-, -5", 0)!);

    [Theory]
    [InlineData("\"a\"", true, true)]
    [InlineData("\"b\", \"a\"", true, true)]
    [InlineData("\"b\",W/\"a\"", true, false)]
    [InlineData("*", true, true)]
    [InlineData("a", false, false)]
    [InlineData("\"a", false, false)]
    [InlineData("\"b\"", false, false)]
    [InlineData("", false, false)]
    public void Tags_are_found_in_lists(string list, bool isWeaklyThere, bool isStronglyThere)
    {
        Assert.Equal(isWeaklyThere, EntityTags.Contains(list, "\"a\"", isWeakEnough: true));
        Assert.Equal(isStronglyThere, EntityTags.Contains(list, "\"a\"", isWeakEnough: false));
        Assert.Equal(isWeaklyThere, EntityTags.Contains(list, "W/\"a\"", isWeakEnough: true));
        Assert.Equal(list == "*", EntityTags.Contains(list, "W/\"a\"", isWeakEnough: false));
    }

    [Theory]
    [InlineData("", "Identity")]
    [InlineData("br", "Brotli")]
    [InlineData("gzip", "Gzip")]
    [InlineData("x-gzip", "Gzip")]
    [InlineData("gzip, br", "Brotli")]
    [InlineData("gzip;q=1, br;q=0.5", "Gzip")]
    [InlineData("br;q=0", "Identity")]
    [InlineData("*", "Brotli")]
    [InlineData("br;q=0, *", "Gzip")]
    [InlineData("identity, br;q=0.5", "Identity")]
    [InlineData("deflate, zstd", "Identity")]
    [InlineData("GZIP ; q=0.3", "Gzip")]
    public void The_best_accepted_coding_is_chosen(string header, string expected) =>
        Assert.Equal(expected, AcceptedCodings.Parse(header).Best(hasBrotli: true, hasGzip: true).ToString());

    [Fact]
    public void What_a_client_says_of_an_upload_is_read()
    {
        var values = UploadMetadata.Parse("path w7wudHh0 , overwrite dHJ1ZQ==,flag")!;
        Assert.Equal(("ü.txt", "true", ""), (values["path"], values["overwrite"], values["flag"]));
        Assert.Empty(UploadMetadata.Parse("")!);
    }

    [Theory]
    [InlineData("path ???")]
    [InlineData("path /w==")]
    [InlineData("path YQ==,path Yg==")]
    [InlineData("path YQ== Yg==")]
    public void What_is_malformed_or_said_twice_is_not(string header) => Assert.Null(UploadMetadata.Parse(header));

    [Fact]
    public void Endless_metadata_is_not_read() =>
        Assert.Null(UploadMetadata.Parse(string.Join(',', Enumerable.Range(0, 10_000).Select(i => $"k{i} YQ=="))));
}
