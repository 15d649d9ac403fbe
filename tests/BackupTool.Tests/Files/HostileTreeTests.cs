using BackupTool.Files;
using BackupTool.Trees;

namespace BackupTool.Tests.Files;

public sealed class HostileTreeTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly Problems _problems = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("")]
    [InlineData(".")]
    [InlineData("..")]
    [InlineData("a/b")]
    [InlineData("../outside")]
    [InlineData("/outside")]
    [InlineData("a\0b")]
    public void A_name_that_is_none_is_reported_and_nothing_is_made(string name)
    {
        using var target = Target();

        Assert.Null(target.Root.MakeFolder(Entry(name, EntryKind.Folder)));
        Assert.Null(target.Root.MakeFile(Entry(name)));
        Assert.False(target.Root.WriteFile(Entry(name), "x"u8));
        Assert.False(target.Root.MakeSymlink(Entry(name, EntryKind.Symlink)));
        Assert.False(target.Root.MakeHardLink(Entry(name), target.Root, "x"));

        Assert.Equal(5, _problems.All.Count);
        Assert.Equal(["target"], Directory.GetFileSystemEntries(_folder.Path).Select(Path.GetFileName));
        Assert.Empty(Directory.GetFileSystemEntries(_folder.In("target")));
    }

    [Fact]
    public void A_name_that_is_no_Unicode_or_too_long_is_none()
    {
        Assert.NotNull(EntryName.Fault("\ud800"));
        Assert.NotNull(EntryName.Fault(new string('é', 128)));
        Assert.Null(EntryName.Fault(new string('é', 127)));
    }

    [Theory]
    [InlineData("CON")]
    [InlineData("nul.txt")]
    [InlineData("com1")]
    [InlineData("file:stream")]
    [InlineData(@"a\b")]
    [InlineData("dot.")]
    [InlineData("blank ")]
    public void Windows_gets_no_names_that_mean_other_things_there(string name)
    {
        Assert.False(EntryName.IsWindowsName(name));
        Assert.True(EntryName.IsWindowsName("ordinary.txt"));
    }

    [Fact]
    public void A_link_that_lies_where_a_folder_should_be_is_replaced_and_not_followed()
    {
        _folder.MakeFolder("outside");
        _folder.MakeFolder("target");
        Directory.CreateSymbolicLink(_folder.In("target", "folder"), _folder.In("outside"));

        using (var target = Target())
        {
            var folder = target.Root.MakeFolder(Entry("folder", EntryKind.Folder))!;
            Assert.True(folder.WriteFile(Entry("file"), "x"u8));
            target.Finish();
        }

        _problems.AssertNone();
        Assert.Empty(Directory.GetFileSystemEntries(_folder.In("outside")));
        Assert.Equal("x", File.ReadAllText(_folder.In("target", "folder", "file")));
        Assert.Null(new DirectoryInfo(_folder.In("target", "folder")).LinkTarget);
    }

    [Fact]
    public void A_link_that_lies_where_a_file_should_be_is_replaced_and_not_followed()
    {
        var outside = _folder.Write("outside", "mine");
        _folder.MakeFolder("target");
        string[] names = ["whole", "pieces", "link", "hard"];
        Assert.All(names, name => File.CreateSymbolicLink(_folder.In("target", name), outside));

        using (var target = Target())
        {
            Assert.True(target.Root.WriteFile(Entry("whole"), "x"u8));
            var pieces = target.Root.MakeFile(Entry("pieces") with { Length = 1 })!;
            Assert.True(pieces.Write(0, "y"u8) && pieces.Finish());
            Assert.True(target.Root.MakeSymlink(Entry("link", EntryKind.Symlink)));
            Assert.True(target.Root.MakeHardLink(Entry("hard"), target.Root, "whole"));
            target.Finish();
        }

        _problems.AssertNone();
        Assert.Equal("mine", File.ReadAllText(outside));
        Assert.Equal(["x", "y", "x"], new[] { "whole", "pieces", "hard" }.Select(name => File.ReadAllText(_folder.In("target", name))));
        Assert.Equal("somewhere", new FileInfo(_folder.In("target", "link")).LinkTarget);
    }

    [Fact]
    public void A_backup_that_brings_a_link_and_then_a_folder_of_its_name_gets_a_folder()
    {
        _folder.MakeFolder("outside");

        using (var target = Target())
        {
            Assert.True(target.Root.MakeSymlink(Entry("x", EntryKind.Symlink) with { Target = _folder.In("outside") }));
            Assert.True(target.Root.MakeFolder(Entry("x", EntryKind.Folder))!.WriteFile(Entry("file"), "x"u8));
            target.Finish();
        }

        Assert.Empty(Directory.GetFileSystemEntries(_folder.In("outside")));
    }

    [Fact]
    public void A_folder_that_somebody_replaces_by_a_link_while_it_is_restored_is_not_entered()
    {
        _folder.MakeFolder("outside");
        _folder.MakeFolder("outside/deep");

        using (var target = Target())
        {
            var folder = target.Root.MakeFolder(Entry("folder", EntryKind.Folder))!;
            Directory.Delete(_folder.In("target", "folder"));
            Directory.CreateSymbolicLink(_folder.In("target", "folder"), _folder.In("outside"));

            Assert.False(folder.WriteFile(Entry("file"), "x"u8));
            Assert.False(folder.MakeFile(Entry("file"))!.Finish());
            Assert.Null(folder.MakeFolder(Entry("deep", EntryKind.Folder)));
            target.Finish();
        }

        Assert.Equal(4, _problems.All.Count);
        Assert.Equal(["deep"], Directory.GetFileSystemEntries(_folder.In("outside")).Select(Path.GetFileName));
    }

    [Fact]
    public void A_file_that_is_a_name_of_another_one_outside_leaves_that_as_it_is()
    {
        var outside = _folder.Write("outside", "mine");
        _folder.MakeFolder("target");
        using (var first = Target())
        {
            first.Root.WriteFile(Entry("first"), "old"u8);
            first.Root.MakeHardLink(Entry("second"), first.Root, "first");
        }

        using (var again = Target())
        {
            Assert.True(again.Root.WriteFile(Entry("second"), "new"u8));
        }

        Assert.Equal(("old", "new", "mine"), (File.ReadAllText(_folder.In("target", "first")), File.ReadAllText(_folder.In("target", "second")), File.ReadAllText(outside)));
    }

    [Fact]
    public void Folders_are_no_deeper_than_any_systems()
    {
        using var target = Target();
        var (folder, depth) = (target.Root, 0);
        while (folder.MakeFolder(Entry("x", EntryKind.Folder)) is { } next)
        {
            (folder, depth) = (next, depth + 1);
        }

        Assert.InRange(depth, 100, 2048);
        Assert.Single(_problems.All);
        target.Finish();
        Assert.Single(_problems.All);
    }

    [Fact]
    public void A_link_that_leads_nowhere_that_can_be_said_is_reported()
    {
        using var target = Target();

        Assert.False(target.Root.MakeSymlink(Entry("none", EntryKind.Symlink) with { Target = null }));
        Assert.False(target.Root.MakeSymlink(Entry("nul", EntryKind.Symlink) with { Target = "a\0b" }));

        Assert.Equal(2, _problems.All.Count);
    }

    private static TreeEntry Entry(string name, EntryKind kind = EntryKind.File) => new()
    {
        Name = name,
        Kind = kind,
        Mode = 0x1FF,
        Target = kind is EntryKind.Symlink ? "somewhere" : null,
    };

    private RestoreTarget Target() => new(_folder.In("target"), keepsExisting: false, _problems.Add);
}
