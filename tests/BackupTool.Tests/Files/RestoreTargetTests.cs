using System.Text;
using BackupTool.Files;
using BackupTool.Trees;
using Mono.Unix.Native;

namespace BackupTool.Tests.Files;

public sealed class RestoreTargetTests : IDisposable
{
    private const long Ns = 1_000_000_000;

    private readonly TemporaryFolder _folder = new();
    private readonly Problems _problems = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_tree_that_is_listed_and_restored_is_the_same()
    {
        _folder.Write("original/名前 🙂/e\u0301 file", "one");
        _folder.Write("original/名前 🙂/empty", "");
        _folder.MakeFolder("original/empty folder");
        File.CreateSymbolicLink(_folder.In("original", "dangling"), "no/where");
        File.CreateSymbolicLink(_folder.In("original", "loop"), "loop");
        Directory.CreateSymbolicLink(_folder.In("original", "to folder"), "名前 🙂");
        var tree = new FileTree(new(), _problems.Add);

        using (var target = Target())
        {
            Copy(tree, _folder.In("original"), _folder.In("original"), target.Root);
            target.Finish();
        }

        _problems.AssertNone();
        Assert.Equal(TreeText.Of(_folder.In("original")), TreeText.Of(_folder.In("target")));
    }

    [UnixFact]
    public void Rights_and_times_are_those_of_the_backup_also_of_links_and_of_folders_that_are_written_into()
    {
        using (var target = Target())
        {
            var closed = target.Root.MakeFolder(Folder("closed") with { Mode = Octal("0555"), ModifiedNs = -1 })!;
            var inner = closed.MakeFolder(Folder("inner") with { Mode = Octal("1777"), ModifiedNs = 5 })!;
            Assert.True(inner.WriteFile(File_("none") with { Mode = 0, ModifiedNs = (-3 * Ns) - 7 }, "x"u8));
            Assert.True(inner.WriteFile(File_("read only") with { Mode = Octal("0444"), ModifiedNs = (1_700_000_000 * Ns) + 123_456_789 }, "x"u8));
            Assert.True(inner.MakeSymlink(Symlink("link", "none") with { ModifiedNs = (9 * Ns) + 9 }));
            var pieces = inner.MakeFile(File_("pieces", 4) with { Mode = Octal("0400"), ModifiedNs = 3 })!;
            Assert.True(pieces.Write(2, "cd"u8) && pieces.Write(0, "ab"u8) && pieces.Finish());
            target.Finish();
        }

        _problems.AssertNone();
        Assert.Equal((Octal("0555"), -1), ModeAndTime("closed"));
        Assert.Equal((Octal("1777"), 5), ModeAndTime("closed/inner"));
        Assert.Equal((0u, (-3 * Ns) - 7), ModeAndTime("closed/inner/none"));
        Assert.Equal((Octal("0444"), (1_700_000_000 * Ns) + 123_456_789), ModeAndTime("closed/inner/read only"));
        Assert.Equal((Octal("0400"), 3), ModeAndTime("closed/inner/pieces"));
        Assert.Equal((9 * Ns) + 9, ModeAndTime("closed/inner/link").ModifiedNs);
    }

    [UnixFact]
    public void Only_root_restores_owners_and_the_bits_that_run_a_program_as_its_owner()
    {
        using (var target = Target())
        {
            target.Root.WriteFile(File_("program") with { Mode = Octal("6755"), UserId = 1234, GroupId = 4321 }, "x"u8);
            target.Root.MakeSymlink(Symlink("link", "x") with { UserId = 1234, GroupId = 4321 });
            target.Root.MakeFolder(Folder("folder") with { Mode = Octal("2755"), UserId = 1234, GroupId = 4321 });
            target.Finish();
        }

        _problems.AssertNone();
        var isRoot = Environment.IsPrivilegedProcess;
        (uint, uint) owner = isRoot ? (1234, 4321) : (Syscall.getuid(), Syscall.getgid());
        Assert.All(["program", "link", "folder"], name => Assert.Equal(owner, FileStatus.Of(Restored(name)) is var status ? (status.UserId, status.GroupId) : default));
        Assert.Equal(Octal(isRoot ? "6755" : "0755"), ModeAndTime("program").Mode);
        Assert.Equal(Octal(isRoot ? "2755" : "0755"), ModeAndTime("folder").Mode);
    }

    [UnixFact]
    public void What_comes_from_a_system_without_rights_can_be_read()
    {
        using (var target = Target())
        {
            target.Root.WriteFile(File_("file") with { Mode = 0, Inode = 0 }, "x"u8);
        }

        Assert.Equal(Octal("0600"), ModeAndTime("file").Mode);
    }

    [Fact]
    public void Names_of_one_file_are_names_of_one_file_again()
    {
        using (var target = Target())
        {
            var folder = target.Root.MakeFolder(Folder("folder"))!;
            folder.WriteFile(File_("first"), "shared"u8);
            Assert.True(target.Root.MakeHardLink(File_("second"), folder, "first"));
            target.Finish();
        }

        _problems.AssertNone();
        Assert.Equal("shared", File.ReadAllText(Restored("second")));
        Assert.True(OperatingSystem.IsWindows() || FileStatus.Of(Restored("second")).Inode == FileStatus.Of(Restored("folder/first")).Inode);
    }

    [Fact]
    public void A_large_file_of_zeros_has_its_length_and_takes_no_room()
    {
        const int MegaByte = 1 << 20;
        using (var target = Target())
        {
            var file = target.Root.MakeFile(File_("sparse", 100 * MegaByte))!;
            Assert.All(Enumerable.Range(0, 100), i => Assert.True(file.Write(i * MegaByte, new byte[MegaByte])));
            Assert.True(file.Write((100 * MegaByte) - 3, "end"u8));
            Assert.True(file.Finish());
        }

        _problems.AssertNone();
        Assert.Equal(100 * MegaByte, new FileInfo(Restored("sparse")).Length);
        using var restored = File.OpenRead(Restored("sparse"));
        restored.Seek(-4, SeekOrigin.End);
        Assert.Equal([0, (byte)'e', (byte)'n', (byte)'d'], [restored.ReadByte(), restored.ReadByte(), restored.ReadByte(), restored.ReadByte()]);
        if (OperatingSystem.IsLinux())
        {
            Assert.Equal(0, Syscall.lstat(Restored("sparse"), out var status));
            Assert.InRange(status.st_blocks * 512, 1, MegaByte);
        }
    }

    [Fact]
    public void Many_files_are_written_in_pieces_by_several_threads_though_few_are_open()
    {
        const int FileCount = 400;
        using (var target = Target())
        {
            var folders = Enumerable.Range(0, 200).Select(i => target.Root.MakeFolder(Folder($"folder {i}"))!).ToArray();
            var files = Enumerable.Range(0, FileCount).Select(i => folders[i % folders.Length].MakeFile(File_($"{i}", 30))!).ToArray();
            Parallel.For(0, FileCount * 3, i =>
            {
                var piece = i / FileCount;
                Assert.True(files[i % FileCount].Write(piece * 10, Encoding.ASCII.GetBytes($"{piece}{i % FileCount,9}")));
            });
            Parallel.ForEach(files, file => Assert.True(file.Finish()));
            target.Finish();
        }

        _problems.AssertNone();
        Assert.All(Enumerable.Range(0, FileCount), i => Assert.Equal($"0{i,9}1{i,9}2{i,9}", File.ReadAllText(Restored($"folder {i % 200}/{i}"))));
    }

    [Fact]
    public void A_file_that_can_not_be_had_whole_is_removed_and_told_once()
    {
        using (var target = Target())
        {
            var file = target.Root.MakeFile(File_("file", 10))!;
            file.Write(0, "12345"u8);
            file.Abandon("no node has the rest");
            file.Abandon("no node has the rest");
            Assert.False(file.Write(5, "67890"u8));
            Assert.False(file.Finish());
            Assert.Equal(1, target.ProblemCount);
        }

        _problems.AssertOne("file", "no node has the rest");
        Assert.False(File.Exists(Restored("file")));
    }

    [UnixFact]
    public void What_the_system_refuses_is_told_in_words()
    {
        using var target = Target();
        Assert.False(target.Root.MakeSymlink(Symlink("link", new string('x', 5000))));
        _problems.AssertOne("link", "too long");
    }

    [Fact]
    public void A_length_that_no_disk_takes_is_told()
    {
        using var target = Target();

        Assert.False(target.Root.MakeFile(File_("negative", -1))!.Finish());
        Assert.False(target.Root.MakeFile(File_("endless", long.MaxValue))!.Write(0, "x"u8));

        Assert.Equal(["negative", "endless"], _problems.All.Select(problem => problem.Path));
        Assert.Empty(Directory.GetFileSystemEntries(_folder.In("target")));
    }

    [SkippableFact]
    public void A_full_disk_is_told_of_the_file_that_did_not_fit_and_the_rest_goes_on()
    {
        Skip.IfNot(OperatingSystem.IsLinux() && Environment.IsPrivilegedProcess, "Only root can mount a small disk.");
        var disk = _folder.MakeFolder("target");
        Skip.IfNot(Run("mount", "-t", "tmpfs", "-o", "size=512k", "tmpfs", disk) == 0, "This root may not mount.");
        try
        {
            using var target = Target();
            var content = new byte[300_000];
            Random.Shared.NextBytes(content);

            Assert.True(target.Root.WriteFile(File_("first", content.Length), content));
            Assert.False(target.Root.WriteFile(File_("second", content.Length), content));
            Assert.True(target.Root.WriteFile(File_("small", 3), "abc"u8));

            _problems.AssertOne("second", "the disk is full");
            Assert.False(File.Exists(Restored("second")));
        }
        finally
        {
            Run("umount", disk);
        }
    }

    private static int Run(string program, params string[] arguments)
    {
        using var process = System.Diagnostics.Process.Start(program, arguments);
        process.WaitForExit();
        return process.ExitCode;
    }

    private static uint Octal(string mode) => Convert.ToUInt32(mode, 8);

    private static TreeEntry Folder(string name) => new() { Name = name, Kind = EntryKind.Folder, Mode = Octal("0755"), Inode = 1, UserId = Me.User, GroupId = Me.Group };

    private static TreeEntry File_(string name, long length = 0) => new() { Name = name, Kind = EntryKind.File, Mode = Octal("0644"), Inode = 1, UserId = Me.User, GroupId = Me.Group, Length = length };

    private static TreeEntry Symlink(string name, string target) => new() { Name = name, Kind = EntryKind.Symlink, Target = target, UserId = Me.User, GroupId = Me.Group };

    private static (uint User, uint Group) Me => OperatingSystem.IsWindows() ? (0, 0) : (Syscall.getuid(), Syscall.getgid());

    private static void Copy(FileTree tree, string root, string from, RestoredFolder to)
    {
        foreach (var entry in tree.List(root, from))
        {
            var path = Path.Join(from, entry.Name);
            switch (entry.Kind)
            {
                case EntryKind.Folder:
                    Copy(tree, root, path, to.MakeFolder(entry)!);
                    break;
                case EntryKind.Symlink:
                    Assert.True(to.MakeSymlink(entry));
                    break;
                default:
                    Assert.True(to.WriteFile(entry, File.ReadAllBytes(path)));
                    break;
            }
        }
    }

    private RestoreTarget Target() => new(_folder.In("target"), keepsExisting: false, _problems.Add);

    private string Restored(string path) => _folder.In(["target", .. path.Split('/')]);

    private (uint Mode, long ModifiedNs) ModeAndTime(string path) => FileStatus.Of(Restored(path)) is var status ? (status.Mode, status.ModifiedNs) : default;
}
