using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using System.Text;
using P2P.YouServ;
using P2P.YouServ.Http.Files;

namespace YouServ.Tests.Files;

public sealed partial class SiteFolderTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public enum Way
    {
        Kernel,
        Walk,
        Check,
    }

    public static TheoryData<Way> Ways => OperatingSystem.IsLinux() ? [Way.Kernel, Way.Walk, Way.Check] : [Way.Check];

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Ways))]
    public void A_file_is_read_and_a_folder_is_told_from_it(Way way)
    {
        _folder.Write("a/文件 ü.txt", "hello");
        using var site = Open(way);
        Assert.Equal("hello", Read(site, "a/文件 ü.txt"));
        Assert.Equal(EntryKind.Folder, site.Find(SitePath.Parse("a")).Kind);
        Assert.Equal(EntryKind.Folder, site.Find(SitePath.Root).Kind);
        Assert.Equal(EntryKind.Missing, site.Find(SitePath.Parse("a/none")).Kind);
        Assert.Equal(EntryKind.Missing, site.Find(SitePath.Parse("a/文件 ü.txt/x")).Kind);
        Assert.Null(site.OpenFile(SitePath.Parse("a"), out _));
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public void Links_that_lead_outside_lead_nowhere(Way way)
    {
        Directory.CreateDirectory(_folder.NameOf("a"));
        _folder.Link("absolute", Path.Combine(_folder.Outside, "secret.txt"));
        _folder.Link("relative", "../outside/secret.txt");
        _folder.Link("a/climbing", "../../outside/secret.txt");
        _folder.Link("folder", _folder.Outside);
        _folder.Link("parent", "..");
        _folder.Link("process", "/proc/self/cwd");
        _folder.Link("loop", "loop");
        using var site = Open(way);
        foreach (var path in (string[])["absolute", "relative", "a/climbing", "folder", "folder/secret.txt", "parent", "parent/outside/secret.txt", "process", "loop"])
        {
            Assert.Equal(EntryKind.Missing, site.Find(SitePath.Parse(path)).Kind);
            Assert.Null(site.OpenFile(SitePath.Parse(path), out _));
        }

        Assert.Equal(["a"], site.List(SitePath.Root).Select(entry => entry.Name));
        Assert.Empty(site.List(SitePath.Parse("folder")));
    }

    [Theory]
    [InlineData(Way.Kernel)]
    [InlineData(Way.Check)]
    public void Links_that_stay_inside_are_followed(Way way)
    {
        _folder.Write("a/b.txt", "hello");
        _folder.Link("c.txt", "a/b.txt");
        _folder.Link("d", "a");
        using var site = Open(way);
        Assert.Equal("hello", Read(site, "c.txt"));
        Assert.Equal("hello", Read(site, "d/b.txt"));
        Assert.Equal(
            [("a", EntryKind.Folder), ("c.txt", EntryKind.File), ("d", EntryKind.Folder)],
            site.List(SitePath.Root).Select(entry => (entry.Name, entry.Entry.Kind)).Order());
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task No_swap_of_a_folder_for_a_link_leads_outside(Way way)
    {
        const int Swaps = 500;
        _folder.Write("a/secret.txt", "inside of the site");
        var (inside, link) = (_folder.NameOf("a"), _folder.NameOf("link"));
        Directory.CreateSymbolicLink(link, _folder.Outside);
        using var site = Open(way);
        var swapper = Task.Run(() =>
        {
            for (var i = 0; i < Swaps; i++)
            {
                Directory.Move(inside, inside + ".away");
                Directory.Move(link, inside);
                Directory.Move(inside, link);
                Directory.Move(inside + ".away", inside);
            }
        });
        while (!swapper.IsCompleted)
        {
            Assert.NotEqual(TemporaryFolder.Secret, Read(site, "a/secret.txt"));
        }

        await swapper;
    }

    [SkippableTheory]
    [MemberData(nameof(Ways))]
    public void A_pipe_is_no_file_and_opening_it_does_not_wait(Way way)
    {
        Skip.If(OperatingSystem.IsWindows());
        Assert.Equal(0, MakePipe(Encoding.UTF8.GetBytes(_folder.NameOf("pipe") + '\0'), 0x1B6));
        using var site = Open(way);
        Assert.Null(site.OpenFile(SitePath.Parse("pipe"), out var entry));
        Assert.Equal(EntryKind.Special, entry.Kind);
    }

    [SkippableTheory]
    [InlineData(Way.Kernel)]
    [InlineData(Way.Walk)]
    [SupportedOSPlatform("linux")]
    public void What_may_not_be_read_says_so(Way way)
    {
        Skip.IfNot(OperatingSystem.IsLinux());
        File.SetUnixFileMode(_folder.Write("locked.txt", "x"), UnixFileMode.None);
        OpenToOthers(_folder.Root);
        using var site = Open(way);

        // An administrator reads everything, and lays that down for this thread only.
        var isAdministrator = SetFileUser(65534) == 0;
        try
        {
            Assert.Null(site.OpenFile(SitePath.Parse("locked.txt"), out var entry));
            Assert.Equal(EntryKind.Unreadable, entry.Kind);
        }
        finally
        {
            _ = isAdministrator ? SetFileUser(0) : 0;
        }
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public void Every_write_gives_another_stamp(Way way)
    {
        var name = _folder.Write("a.txt", "one");
        using var site = Open(way);
        var path = SitePath.Parse("a.txt");
        var stamp = site.Find(path).Stamp;
        Assert.True(site.IsUnchanged(site.NativeOf(path), stamp));
        File.WriteAllText(name, "longer");
        Assert.False(site.IsUnchanged(site.NativeOf(path), stamp));
        using var file = site.OpenFile(path, out var entry);
        Assert.Equal(entry.Stamp, site.StampOf(file!));
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public void Folders_are_made_renamed_and_deleted(Way way)
    {
        _folder.Write("a/b.txt", "hello");
        using var site = Open(way);
        Assert.Equal(ChangeOutcome.Done, site.CreateFolder(SitePath.Parse("c")));
        Assert.Equal(ChangeOutcome.Exists, site.CreateFolder(SitePath.Parse("c")));
        Assert.Equal(ChangeOutcome.Missing, site.CreateFolder(SitePath.Parse("x/y")));
        Assert.Equal(ChangeOutcome.Done, site.Move(SitePath.Parse("a"), SitePath.Parse("c/a"), overwrites: false));
        Assert.Equal("hello", Read(site, "c/a/b.txt"));
        Assert.NotEqual(ChangeOutcome.Done, site.Move(SitePath.Parse("c"), SitePath.Parse("c/a/c"), overwrites: false));
        Assert.Equal(ChangeOutcome.Done, site.Delete(SitePath.Parse("c")));
        Assert.Equal(ChangeOutcome.Missing, site.Delete(SitePath.Parse("c")));
        Assert.Equal(ChangeOutcome.Refused, site.Delete(SitePath.Root));
        Assert.Empty(site.List(SitePath.Root));
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public void A_rename_spares_what_is_there_unless_told_otherwise(Way way)
    {
        _folder.Write("a", "a");
        _folder.Write("b", "b");
        Directory.CreateDirectory(_folder.NameOf("c"));
        using var site = Open(way);
        Assert.Equal(ChangeOutcome.Exists, site.Move(SitePath.Parse("a"), SitePath.Parse("b"), overwrites: false));
        Assert.Equal(ChangeOutcome.Exists, site.Move(SitePath.Parse("a"), SitePath.Parse("c"), overwrites: true));
        Assert.Equal("b", Read(site, "b"));
        Assert.Equal(ChangeOutcome.Done, site.Move(SitePath.Parse("a"), SitePath.Parse("b"), overwrites: true));
        Assert.Equal("a", Read(site, "b"));
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public void What_changes_the_folder_stays_in_it(Way way)
    {
        _folder.Link("out", _folder.Outside);
        _folder.Write("a", "a");
        using var site = Open(way);
        Assert.NotEqual(ChangeOutcome.Done, site.CreateFolder(SitePath.Parse("out/x")));
        Assert.NotEqual(ChangeOutcome.Done, site.Move(SitePath.Parse("a"), SitePath.Parse("out/a"), overwrites: true));
        Assert.NotEqual(ChangeOutcome.Done, site.Move(SitePath.Parse("out/secret.txt"), SitePath.Parse("b"), overwrites: true));
        Assert.NotEqual(ChangeOutcome.Done, site.Delete(SitePath.Parse("out/secret.txt")));
        Assert.Null(site.OpenOwn(SitePath.Parse("out/new")));
        Assert.Equal(ChangeOutcome.Done, site.Delete(SitePath.Parse("out")));
        Assert.Equal([Path.Combine(_folder.Outside, "secret.txt")], Directory.GetFileSystemEntries(_folder.Outside));
    }

    [Fact]
    public void Deleting_a_folder_deletes_links_and_not_what_they_lead_to()
    {
        _folder.Write("a/b/c.txt", "x");
        _folder.Link("a/b/out", _folder.Outside);
        using var site = SiteFolder.Open(_folder.Root);
        Assert.Equal(ChangeOutcome.Done, site.Delete(SitePath.Parse("a")));
        Assert.True(File.Exists(Path.Combine(_folder.Outside, "secret.txt")));
    }

    [Fact]
    public void There_has_to_be_a_folder() =>
        Assert.Throws<DirectoryNotFoundException>(() => SiteFolder.Open(_folder.NameOf("none")));

    private static string? Read(SiteFolder site, string path)
    {
        using var file = site.OpenFile(SitePath.Parse(path), out _);
        if (file is null)
        {
            return null;
        }

        var bytes = new byte[RandomAccess.GetLength(file)];
        return Encoding.UTF8.GetString(bytes.AsSpan(0, RandomAccess.Read(file, bytes, 0)));
    }

    [SupportedOSPlatform("linux")]
    private static void OpenToOthers(string folder)
    {
        for (var each = folder; each.Contains("youserv-", StringComparison.Ordinal); each = Path.GetDirectoryName(each)!)
        {
            File.SetUnixFileMode(each, File.GetUnixFileMode(each) | UnixFileMode.OtherExecute | UnixFileMode.OtherRead);
        }
    }

    private SiteFolder Open(Way way) => way switch
    {
        Way.Kernel => LinuxSiteFolder.Open(_folder.Root),
        Way.Walk => LinuxSiteFolder.Open(_folder.Root, walks: true),
        _ => new CheckedSiteFolder(_folder.Root),
    };

    [LibraryImport("libc", EntryPoint = "mkfifo")]
    private static partial int MakePipe(byte[] path, uint mode);

    /// <summary>Answers with the user before, so that zero means an administrator.</summary>
    [LibraryImport("libc", EntryPoint = "setfsuid")]
    private static partial int SetFileUser(uint user);
}
