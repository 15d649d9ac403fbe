using BackupTool.Backup;

namespace BackupTool.Tests.Engines;

public sealed class PathForestTests
{
    [Fact]
    public void Paths_share_the_folders_that_lead_to_them()
    {
        var top = PathForest.Of(["/a/b/c", "/a/d", "/e"]);
        Assert.Equal(["a", "e"], top.Children.Select(child => child.Name));
        Assert.Equal(["/a/b", "/a/d"], top.Children.First().Children.Select(child => child.Path));
        Assert.Equal([false, true], top.Children.Select(child => child.IsWhole));
    }

    [Fact]
    public void The_root_is_backed_up_whole_whatever_else_is_named() => Assert.True(PathForest.Of(["/home", "/"]) is { IsWhole: true, Path: "/" });
}
