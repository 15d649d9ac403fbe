using BackupTool.Files;

namespace BackupTool.Tests.Files;

public sealed class PathPatternsTests
{
    [Theory]
    [InlineData("*.o", "a.o", true)]
    [InlineData("*.o", "deep/in/a.o", true)]
    [InlineData("*.o", "a.obj", false)]
    [InlineData("/top", "top", true)]
    [InlineData("/top", "deep/top", false)]
    [InlineData("a/b", "a/b", true)]
    [InlineData("a/b", "x/a/b", false)]
    [InlineData("**/cache", "x/y/cache", true)]
    [InlineData("a/**/z", "a/b/c/z", true)]
    [InlineData("folder/", "folder", false)]
    [InlineData("[ab].txt", "b.txt", true)]
    [InlineData("# comment", "# comment", false)]
    [InlineData("", "x", false)]
    [InlineData("/home/me/secret", "secret", true)]
    [InlineData("/home/me/*.tmp", "x.tmp", true)]
    [InlineData("/home/me/*.tmp", "deep/x.tmp", false)]
    [InlineData("home/me/secret", "secret", false)]
    public void A_pattern_means_what_it_means_to_git_or_the_whole_path_where_it_begins_with_a_slash(string pattern, string path, bool isExcluded) =>
        Assert.Equal(isExcluded, new PathPatterns([pattern]).Match(path, $"/home/me/{path}", isFolder: false));

    [Fact]
    public void A_pattern_with_a_slash_at_the_end_is_for_folders() =>
        Assert.True(new PathPatterns(["folder/"]).Match("folder", "/folder", isFolder: true));

    [Theory]
    [InlineData("a.o", true)]
    [InlineData("keep.o", false)]
    [InlineData("sub/keep.o", true)]
    public void The_last_pattern_that_fits_decides(string path, bool isExcluded) =>
        Assert.Equal(isExcluded, new PathPatterns(["*.o", "!keep.o", "/sub/*"]).Match(path, "/" + path, isFolder: false));
}
