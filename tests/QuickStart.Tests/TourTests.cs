using System.Text.Json;
using System.Text.RegularExpressions;
using YouServ.Tests;

namespace QuickStart.Tests;

/// <summary>The tour goes from start to end whatever is in the folder, says what came of it, and leaves nothing behind.</summary>
public sealed partial class TourTests : IDisposable
{
    private readonly CancellationTokenSource _patience = new(TimeSpan.FromMinutes(4));
    private readonly TemporaryFolder _temporary = new();

    public void Dispose()
    {
        _patience.Dispose();
        _temporary.Dispose();
    }

    [Fact]
    public async Task A_nasty_folder_comes_back_and_the_last_line_is_flat_json_with_units()
    {
        using var input = new NastyFolder();
        using var process = TourProcess.Start(_temporary.Path, "--input", input.Path, "--nodes", "8");
        Assert.Equal(0, await process.ExitAsync(_patience.Token));
        using var report = JsonDocument.Parse(process.Output.Lines[^1]);
        Assert.All(report.RootElement.EnumerateObject(), figure =>
        {
            Assert.Matches(SnakeCase(), figure.Name);
            Assert.Contains(figure.Value.ValueKind, (JsonValueKind[])[JsonValueKind.Number, JsonValueKind.True, JsonValueKind.False]);
        });
        Assert.All(
            (string[])["equal", "group_in_one_order", "sets_equal", "sites_equal", "sites_private", "search_exact"],
            name => Assert.True(report.RootElement.GetProperty(name).GetBoolean(), name));
        Assert.Equal(2, report.RootElement.GetProperty("skipped_files").GetInt32());
        Assert.Equal(2, report.RootElement.GetProperty("search_matches").GetInt32());
        Assert.Contains(process.Output.Lines, line => line.Contains("“zwetschgenkuchen”", StringComparison.Ordinal));
        Assert.Empty(Directory.EnumerateFileSystemEntries(_temporary.Path));
    }

    [Fact]
    public async Task An_empty_folder_is_enough()
    {
        using var input = new TemporaryFolder();
        using var process = TourProcess.Start(_temporary.Path, "--input", input.Path, "--nodes", "6");
        Assert.Equal(0, await process.ExitAsync(_patience.Token));
        Assert.Contains("\"files\":0,", process.Output.Lines[^1], StringComparison.Ordinal);
        Assert.Contains("\"equal\":true", process.Output.Lines[^1], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("The ring (Pastry)")]
    [InlineData("Stored")]
    [InlineData("Groups (SCRIBE)")]
    public async Task Who_stops_it_in_the_middle_finds_nothing_left_of_it(string when)
    {
        using var input = new NastyFolder();
        using var process = TourProcess.Start(_temporary.Path, "--input", input.Path, "--nodes", "6");
        await process.Output.WaitForAsync(when, _patience.Token);
        Assert.Equal(130, await process.TerminateAsync(_patience.Token));
        Assert.Empty(Directory.EnumerateFileSystemEntries(_temporary.Path));
    }

    [Fact]
    public async Task What_a_folder_that_was_named_holds_already_is_not_taken_for_what_comes_back()
    {
        using var input = new NastyFolder();
        using var process = TourProcess.Start(_temporary.Path, "--input", input.Path, "--work", input.Path);
        Assert.Equal(1, await process.ExitAsync(_patience.Token));
        await process.Errors.WaitForAsync("is not empty", _patience.Token);
    }

    [Theory]
    [InlineData("--nodes is 5; it must be 6 to 64.", "--nodes", "5")]
    [InlineData("does not exist", "--input", "nowhere at all")]
    [InlineData("--port is 70000", "--dashboard", "--port", "70000")]
    public async Task What_is_wrong_is_said(string complaint, params string[] arguments)
    {
        using var process = TourProcess.Start(_temporary.Path, arguments);
        Assert.NotEqual(0, await process.ExitAsync(_patience.Token));
        await process.Errors.WaitForAsync(complaint, _patience.Token);
    }

    [GeneratedRegex("^[a-z][a-z0-9_]*$")]
    private static partial Regex SnakeCase();
}
