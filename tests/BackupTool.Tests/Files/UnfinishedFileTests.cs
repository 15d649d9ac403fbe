using BackupTool.Files;
using BackupTool.Trees;

namespace BackupTool.Tests.Files;

public sealed class UnfinishedFileTests : IDisposable
{
    private static readonly TreeEntry Entry = new() { Name = "file", Kind = EntryKind.File, Mode = 0x1ED, Length = 2 };

    private readonly TemporaryFolder _folder = new();
    private readonly Problems _problems = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_file_lies_under_another_name_until_it_is_whole_and_what_it_replaces_stays_until_then()
    {
        var path = _folder.Write("target/file", "mine");
        using var target = Target();
        var file = target.Root.MakeFile(Entry)!;
        Assert.Equal(["file"], Names);

        Assert.True(file.Write(0, "a"u8));
        Assert.Equal("mine", File.ReadAllText(path));
        Assert.Equal(2, Names.Count);

        Assert.True(file.Write(1, "b"u8) && file.Finish());
        Assert.Equal("ab", File.ReadAllText(path));
        Assert.Equal(["file"], Names);
        _problems.AssertNone();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_file_that_can_not_be_had_leaves_what_it_would_have_replaced(bool isBegun)
    {
        var path = _folder.Write("target/file", "mine");
        using var target = Target();
        var file = target.Root.MakeFile(Entry)!;
        Assert.True(!isBegun || file.Write(0, "a"u8));

        file.Abandon("no node has the rest");

        Assert.False(file.Write(1, "b"u8) || file.Finish());
        Assert.Equal("mine", File.ReadAllText(path));
        Assert.Equal(["file"], Names);
        _problems.AssertOne("file", "no node has the rest");
    }

    [Fact]
    public void What_is_not_whole_when_a_restore_is_broken_off_is_removed()
    {
        using (var target = Target())
        {
            Assert.True(target.Root.MakeFile(Entry)!.Write(0, "a"u8));
            Assert.True(target.Root.WriteFile(Entry with { Name = "whole" }, "ab"u8));
        }

        Assert.Equal(["whole"], Names);
        _problems.AssertNone();
    }

    [Fact]
    public void What_a_restore_that_was_killed_has_left_the_next_one_removes()
    {
        _folder.Write($"target/{RestoreTarget.UnfinishedPrefix}1");
        _folder.Write($"target/folder/{RestoreTarget.UnfinishedPrefix}2");
        _folder.Write("target/folder/.mine");

        using (var target = Target())
        {
            target.Root.MakeFolder(new() { Name = "folder", Kind = EntryKind.Folder, Mode = 0x1ED });
            target.Finish();
        }

        Assert.Equal(["folder"], Names);
        Assert.Equal([".mine"], Directory.GetFileSystemEntries(_folder.In("target", "folder")).Select(Path.GetFileName));
        _problems.AssertNone();
    }

    private List<string?> Names => [.. Directory.GetFileSystemEntries(_folder.In("target")).Select(Path.GetFileName)];

    private RestoreTarget Target() => new(_folder.In("target"), keepsExisting: false, _problems.Add);
}
