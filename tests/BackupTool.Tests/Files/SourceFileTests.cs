using BackupTool.Files;
using BackupTool.Trees;

namespace BackupTool.Tests.Files;

public sealed class SourceFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_file_that_stays_as_it_was_is_read_without_a_complaint()
    {
        var path = _folder.Write("file", "1234567");
        using var file = SourceFile.Open(path);

        Assert.Equal("1234567", ReadAll(file));
        Assert.Null(file.ChangeSince(Listed(path)));
    }

    [Fact]
    public void A_file_that_grew_after_it_was_listed_is_told()
    {
        var path = _folder.Write("file", "1234567");
        var listed = Listed(path);
        File.AppendAllText(path, "8");
        using var file = SourceFile.Open(path);

        Assert.Equal("12345678", ReadAll(file));
        Assert.Contains("it had 7 bytes, and 8 were read", file.ChangeSince(listed), StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_was_written_anew_with_the_same_length_is_told()
    {
        var path = _folder.Write("file", "1234567");
        File.SetLastWriteTimeUtc(path, DateTime.UnixEpoch);
        var listed = Listed(path);
        using var file = SourceFile.Open(path);
        ReadAll(file);
        File.WriteAllText(path, "7654321");

        Assert.Contains("changed while it was read", file.ChangeSince(listed), StringComparison.Ordinal);
    }

    [UnixFact]
    public void What_became_a_link_a_folder_or_a_pipe_is_not_opened()
    {
        File.CreateSymbolicLink(_folder.In("link"), _folder.Write("file"));
        Assert.Equal(0, Mono.Unix.Native.Syscall.mkfifo(_folder.In("pipe"), Mono.Unix.Native.FilePermissions.S_IRUSR));

        Assert.Throws<IOException>(() => SourceFile.Open(_folder.In("link")));
        Assert.Throws<IOException>(() => SourceFile.Open(_folder.MakeFolder("folder")));
        Assert.Throws<IOException>(() => SourceFile.Open(_folder.In("pipe")));
        Assert.Contains("not there", Assert.Throws<IOException>(() => SourceFile.Open(_folder.In("missing"))).Message, StringComparison.Ordinal);
    }

    [SkippableFact]
    public void What_may_be_opened_but_not_read_is_a_fault_of_the_disk_and_no_cache_tag()
    {
        // Linux gives everybody the handle of this file, and only some the content: as file systems over a network do.
        const string Path = "/proc/self/stack";
        Skip.IfNot(File.Exists(Path), "This system has no file that may be opened but not read.");
        using var file = SourceFile.Open(Path);
        Skip.If(MayRead(), "This user may read everything.");

        Assert.Throws<IOException>(() => file.Read(new byte[10]));
        Assert.False(CacheTag.IsAt(Path));

        static bool MayRead()
        {
            try
            {
                return File.ReadAllText(Path).Length > 0;
            }
            catch (UnauthorizedAccessException)
            {
                return false;
            }
        }
    }

    private static TreeEntry Listed(string path) => new FileTree(new(), (_, problem) => Assert.Fail(problem)).Stat(path)!;

    private static string ReadAll(SourceFile file)
    {
        var text = "";
        var buffer = new byte[3];
        while (file.Read(buffer) is > 0 and var length)
        {
            text += System.Text.Encoding.UTF8.GetString(buffer, 0, length);
        }

        return text;
    }
}
