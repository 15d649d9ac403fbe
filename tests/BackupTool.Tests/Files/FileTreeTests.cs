using BackupTool.Files;
using BackupTool.Trees;
using Mono.Unix.Native;

namespace BackupTool.Tests.Files;

public sealed class FileTreeTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly Problems _problems = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_folder_is_listed_by_the_code_units_of_its_names_whatever_these_are()
    {
        string[] names = ["Z", "a b", "a", "é", "e\u0301", "名前", "🙂", "-rf", "x\ny", "~"];
        foreach (var name in names.Where(name => !OperatingSystem.IsWindows() || !name.Contains('\n', StringComparison.Ordinal)))
        {
            _folder.Write(name);
        }

        var listed = List();

        Assert.Equal([.. listed.Select(entry => entry.Name).Order(StringComparer.Ordinal)], listed.Select(entry => entry.Name));
        Assert.Empty(names.Except(listed.Select(entry => entry.Name)));
        _problems.AssertNone();
    }

    [Fact]
    public void Files_folders_and_links_are_told_apart_and_empty_ones_are_kept()
    {
        _folder.MakeFolder("folder");
        _folder.Write("empty", "");
        _folder.Write("file", "12345");
        File.CreateSymbolicLink(_folder.In("dangling"), "no/where");
        File.CreateSymbolicLink(_folder.In("loop"), "loop");
        Directory.CreateSymbolicLink(_folder.In("to folder"), _folder.In("folder"));

        Assert.Equal(
            [
                ("dangling", EntryKind.Symlink, 0, "no/where"),
                ("empty", EntryKind.File, 0, null),
                ("file", EntryKind.File, 5, null),
                ("folder", EntryKind.Folder, 0, null),
                ("loop", EntryKind.Symlink, 0, "loop"),
                ("to folder", EntryKind.Symlink, 0, _folder.In("folder")),
            ],
            List().Select(entry => (entry.Name, entry.Kind, entry.Length, entry.Target)));
        Assert.Empty(List("folder"));
        _problems.AssertNone();
    }

    [UnixFact]
    public void Rights_owners_and_times_are_told_to_the_nanosecond_also_before_1970()
    {
        var file = _folder.Write("file");
        Assert.Equal(0, Syscall.chmod(file, (FilePermissions)Octal("2755")));
        SetTime(file, -5, 7);

        var entry = Assert.Single(List());

        Assert.Equal(Octal("2755"), entry.Mode);
        Assert.Equal(-4_999_999_993, entry.ModifiedNs);
        Assert.Equal((Syscall.getuid(), Syscall.getgid()), (entry.UserId, entry.GroupId));
        Assert.NotEqual(0ul, entry.Inode);
        Assert.True(entry.ChangedNs > 0);
        Assert.Null(entry.LinkGroup);
    }

    [UnixFact]
    public void Names_of_one_file_are_in_one_group()
    {
        Assert.Equal(0, Syscall.link(_folder.Write("a"), _folder.In("b")));
        _folder.Write("c");

        var listed = List();

        Assert.NotNull(listed[0].LinkGroup);
        Assert.Equal(listed[0].LinkGroup, listed[1].LinkGroup);
        Assert.Null(listed[2].LinkGroup);
    }

    [Fact]
    public void A_link_that_the_user_names_stays_a_link()
    {
        _folder.MakeFolder("folder");
        Directory.CreateSymbolicLink(_folder.In("link"), "folder");

        Assert.Equal(("link", EntryKind.Symlink), Tree().Stat(_folder.In("link")) is { } entry ? (entry.Name, entry.Kind) : default);
        Assert.Equal("folder", Tree().Stat(_folder.In("folder") + Path.DirectorySeparatorChar)?.Name);
    }

    [Fact]
    public void What_is_not_there_is_reported()
    {
        Assert.Null(Tree().Stat(_folder.In("missing")));

        _problems.AssertOne("missing", "");
        Assert.Empty(List("missing"));
        Assert.Equal(2, _problems.All.Count);
    }

    [UnixFact]
    public void A_pipe_is_reported_and_the_rest_is_kept()
    {
        _folder.Write("file");
        Assert.Equal(0, Syscall.mkfifo(_folder.In("pipe"), FilePermissions.S_IRUSR));

        Assert.Equal("file", Assert.Single(List()).Name);
        _problems.AssertOne("pipe", "are not kept");
    }

    [SkippableFact]
    public void A_name_that_is_no_Unicode_is_reported()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "Other systems refuse such names.");
        MakeLatin1Name(_folder.Path);

        Assert.Empty(List());
        _problems.AssertOne("\uFFFD", "no valid Unicode");
    }

    [SkippableFact]
    public void A_folder_that_may_not_be_read_is_reported_and_empty()
    {
        Skip.If(OperatingSystem.IsWindows() || Environment.IsPrivilegedProcess, "Root reads everything.");
        _folder.Write("closed/file");
        Assert.Equal(0, Syscall.chmod(_folder.In("closed"), 0));

        Assert.Single(List());
        Assert.Empty(List("closed"));
        _problems.AssertOne("closed", "is not kept");
    }

    [Fact]
    public void Large_files_are_left_out_where_that_is_asked_for()
    {
        _folder.Write("large", new string('x', 101));
        _folder.Write("small", new string('x', 100));

        Assert.Equal("small", Assert.Single(List(new FileTreeOptions { ExcludeLargerThan = 100 })).Name);
    }

    [Fact]
    public void Of_a_folder_that_is_marked_as_a_cache_the_mark_remains()
    {
        _folder.Write("cache/CACHEDIR.TAG", "Signature: 8a477f597d28d172789f06886806bc55\n# by a program");
        _folder.Write("cache/content");
        _folder.Write("no cache/CACHEDIR.TAG", "Signature: none");
        _folder.Write("no cache/content");
        var options = new FileTreeOptions { ExcludeCaches = true };

        Assert.Equal(["CACHEDIR.TAG"], List("cache", options).Select(entry => entry.Name));
        Assert.Equal(["CACHEDIR.TAG", "content"], List("no cache", options).Select(entry => entry.Name));
        Assert.Equal(2, List("cache").Count);
    }

    [SkippableFact]
    public void Other_disks_are_left_out_where_that_is_asked_for()
    {
        Skip.IfNot(Directory.Exists("/proc/self") && Directory.Exists("/dev"), "Only Linux has other disks in places that are known.");
        var options = new FileTreeOptions { OneFileSystem = true };
        var tree = new FileTree(options, _problems.Add);

        _folder.Write("folder/file");
        Assert.Single(tree.List(_folder.Path, _folder.In("folder")));
        Assert.Empty(tree.List("/", "/proc"));
        Assert.Contains(tree.List("/", "/"), entry => entry.Name == "proc");
    }

    private static uint Octal(string mode) => Convert.ToUInt32(mode, 8);

    private static void SetTime(string path, long seconds, long nanoseconds)
    {
        Timespec time = new() { tv_sec = seconds, tv_nsec = nanoseconds };
        Assert.Equal(0, Syscall.utimensat(Syscall.AT_FDCWD, path, [time, time], 0));
    }

    /// <summary>Makes a file whose name is one byte that begins no character; only a shell can, as the framework has no such string.</summary>
    private static void MakeLatin1Name(string folder)
    {
        using var shell = System.Diagnostics.Process.Start("/bin/sh", ["-c", "cd \"$1\" && : > \"$(printf '\\351')\"", "sh", folder]);
        shell.WaitForExit();
        Assert.Equal(0, shell.ExitCode);
    }

    private FileTree Tree(FileTreeOptions? options = null) => new(options ?? new(), _problems.Add);

    private IReadOnlyList<TreeEntry> List(FileTreeOptions? options = null) => Tree(options).List(_folder.Path, _folder.Path);

    private IReadOnlyList<TreeEntry> List(string folder, FileTreeOptions? options = null) => Tree(options).List(_folder.Path, _folder.In(folder));
}
