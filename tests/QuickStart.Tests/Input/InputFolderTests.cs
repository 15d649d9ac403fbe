using QuickStart.Files;
using QuickStart.Input;
using YouServ.Tests;

namespace QuickStart.Tests.Input;

/// <summary>A folder is read as it is, and what can't be read stops nobody.</summary>
public sealed class InputFolderTests : IDisposable
{
    private readonly NastyFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Links_are_counted_and_not_followed_and_empty_folders_are_known()
    {
        var input = InputFolder.Read(_folder.Path);
        Assert.Equal(2, input.Skipped);
        Assert.Equal(["an empty folder"], input.EmptyFolders);
        Assert.Contains("Ünïcödé 文件夹/ещё одна/random.bin", input.Files.Select(file => file.Name));
        Assert.DoesNotContain(input.Files, file => file.Name.Contains("nowhere", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_folder_equals_itself_and_not_one_where_a_byte_or_a_name_differs()
    {
        var input = InputFolder.Read(_folder.Path);
        using var other = new NastyFolder();
        Assert.Empty(await FolderComparison.CompareAsync(input, InputFolder.Read(other.Path), default));
        await File.WriteAllTextAsync(Path.Combine(other.Path, "ein anderer.md"), "# Noch ein Rezept für zwetschgenkuchen\n");
        File.Move(Path.Combine(other.Path, "an empty file"), Path.Combine(other.Path, "moved"));
        Assert.Equal(["missing: an empty file", "too many: moved", "differs: ein anderer.md"], await FolderComparison.CompareAsync(input, InputFolder.Read(other.Path), default));
    }

    [Fact]
    public async Task Lines_come_from_texts_then_from_names_then_from_nowhere()
    {
        var lines = await InputLines.ReadAsync(InputFolder.Read(_folder.Path), 100, default);
        Assert.Equal(100, lines.Count);
        Assert.Contains(lines, line => line.StartsWith("Grüße, 世界!", StringComparison.Ordinal));
        Assert.Contains("an empty file", lines);
        Assert.DoesNotContain(lines, line => line.Contains('\0', StringComparison.Ordinal));
        Assert.EndsWith("has no text for.", lines[^1], StringComparison.Ordinal);
    }

    [SkippableFact]
    public void A_pipe_is_not_waited_on()
    {
        Skip.If(OperatingSystem.IsWindows(), "There are no pipes in folders.");
        Hosts.Network.Tool.Run(Installed.Program("mkfifo", "coreutils"), Path.Combine(_folder.Path, "pipe"));
        Assert.Contains(InputFolder.Read(_folder.Path).Files, file => file.Name == "pipe");
    }
}
