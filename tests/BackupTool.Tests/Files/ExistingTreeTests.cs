using BackupTool.Files;
using BackupTool.Trees;
using Mono.Unix.Native;

namespace BackupTool.Tests.Files;

public sealed class ExistingTreeTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly Problems _problems = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void What_is_there_is_replaced_and_what_the_backup_lacks_stays()
    {
        _folder.Write("target/folder/file", "a longer content than before");
        _folder.Write("target/folder/other", "stays");
        _folder.Write("target/was a file");
        _folder.MakeFolder("target/was a folder");

        using (var target = Target(keepsExisting: false))
        {
            var folder = target.Root.MakeFolder(Entry("folder", EntryKind.Folder))!;
            Assert.True(folder.WriteFile(Entry("file"), "new"u8));
            Assert.NotNull(target.Root.MakeFolder(Entry("was a file", EntryKind.Folder)));
            Assert.True(target.Root.WriteFile(Entry("was a folder"), "file"u8));
            target.Finish();
            Assert.Equal(0, target.KeptCount);
        }

        _problems.AssertNone();
        Assert.Equal(("new", "stays"), (File.ReadAllText(_folder.In("target", "folder", "file")), File.ReadAllText(_folder.In("target", "folder", "other"))));
        Assert.True(Directory.Exists(_folder.In("target", "was a file")) && File.Exists(_folder.In("target", "was a folder")));
    }

    [Fact]
    public void A_folder_that_is_not_empty_is_not_removed_for_a_file()
    {
        _folder.Write("target/name/mine", "mine");

        using (var target = Target(keepsExisting: false))
        {
            Assert.False(target.Root.WriteFile(Entry("name"), "x"u8));
        }

        _problems.AssertOne("name", OperatingSystem.IsWindows() ? "" : "a folder that isn't empty is in its way");
        Assert.Equal("mine", File.ReadAllText(_folder.In("target", "name", "mine")));
    }

    [Fact]
    public void Where_existing_files_are_kept_only_the_others_are_written()
    {
        _folder.Write("target/folder/file", "mine");
        File.CreateSymbolicLink(_folder.In("target", "link"), "mine");

        using (var target = Target(keepsExisting: true))
        {
            var folder = target.Root.MakeFolder(Entry("folder", EntryKind.Folder))!;
            Assert.False(folder.WriteFile(Entry("file"), "new"u8));
            Assert.Null(folder.MakeFile(Entry("file")));
            Assert.False(target.Root.MakeSymlink(Entry("link", EntryKind.Symlink)));
            Assert.True(folder.WriteFile(Entry("new"), "new"u8));
            Assert.Null(target.Root.MakeFolder(Entry("link", EntryKind.Folder)));
            target.Finish();
            Assert.Equal(3, target.KeptCount);
        }

        _problems.AssertOne("link", "to be kept");
        Assert.Equal(("mine", "new"), (File.ReadAllText(_folder.In("target", "folder", "file")), File.ReadAllText(_folder.In("target", "folder", "new"))));
        Assert.Equal("mine", new FileInfo(_folder.In("target", "link")).LinkTarget);
    }

    [UnixFact]
    public void Folders_that_were_restored_closed_are_opened_to_be_restored_again()
    {
        for (var i = 0; i < 2; i++)
        {
            using var target = Target(keepsExisting: false);
            var folder = target.Root.MakeFolder(Entry("closed", EntryKind.Folder) with { Mode = 0, Inode = 1 })!;
            Assert.True(folder.WriteFile(Entry("file") with { Mode = 0, Inode = 1 }, "x"u8));
            target.Finish();
        }

        _problems.AssertNone();
        Assert.Equal(0u, FileStatus.Of(_folder.In("target", "closed")).Mode);
    }

    [SkippableFact]
    public void Where_this_user_may_not_write_is_reported_and_the_rest_is_restored()
    {
        Skip.If(OperatingSystem.IsWindows() || Environment.IsPrivilegedProcess, "Root may write everywhere.");
        _folder.MakeFolder("target/open");
        Assert.Equal(0, Syscall.chmod(_folder.In("target"), FilePermissions.S_IRUSR | FilePermissions.S_IXUSR));

        using (var target = Target(keepsExisting: false))
        {
            Assert.False(target.Root.WriteFile(Entry("file"), "x"u8));
            Assert.True(target.Root.MakeFolder(Entry("open", EntryKind.Folder))!.WriteFile(Entry("file"), "x"u8));
            target.Finish();
        }

        _problems.AssertOne("file", "permission denied");
    }

    [Fact]
    public void A_target_that_is_no_folder_is_refused()
    {
        _folder.Write("target");

        Assert.Contains("Nothing can be restored to", Assert.Throws<BackupException>(() => Target(keepsExisting: false)).Message, StringComparison.Ordinal);
    }

    [UnixFact]
    public void A_target_that_is_a_link_is_what_the_user_meant()
    {
        Directory.CreateSymbolicLink(_folder.In("target"), _folder.MakeFolder("real"));

        using (var target = Target(keepsExisting: false))
        {
            Assert.True(target.Root.WriteFile(Entry("file"), "x"u8));
        }

        Assert.True(File.Exists(_folder.In("real", "file")));
        Assert.Equal(0, Syscall.access(_folder.In("real", "file"), AccessModes.R_OK));
    }

    private static TreeEntry Entry(string name, EntryKind kind = EntryKind.File) => new()
    {
        Name = name,
        Kind = kind,
        Mode = 0x1ED,
        Target = kind is EntryKind.Symlink ? "somewhere" : null,
    };

    private RestoreTarget Target(bool keepsExisting) => new(_folder.In("target"), keepsExisting, _problems.Add);
}
