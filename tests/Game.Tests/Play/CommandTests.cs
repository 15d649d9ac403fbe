using System.Text.Json;
using System.Text.RegularExpressions;

namespace Game.Tests.Play;

/// <summary>The command line says what is wrong, and scripts get figures.</summary>
public sealed partial class CommandTests : IDisposable
{
    private readonly CancellationTokenSource _patience = new(TimeSpan.FromMinutes(2));

    public void Dispose() => _patience.Dispose();

    [Theory]
    [InlineData("--rate is 0; it must be 1 to 60.", "--rate", "0")]
    [InlineData("--bots is 201; it must be 0 to 200.", "--bots", "201")]
    [InlineData("'nowhere' is no address", "--join", "nowhere")]
    [InlineData("'1,2000' is no place", "--at", "1,2000")]
    [InlineData("somebody has to fly", "--unattended")]
    public async Task What_is_wrong_is_said(string complaint, params string[] arguments)
    {
        using var process = GameProcess.Start(arguments);
        Assert.NotEqual(0, await process.ExitAsync(_patience.Token));
        await process.Errors.WaitForAsync(complaint, _patience.Token);
    }

    [Fact]
    public async Task Bots_alone_play_and_the_last_line_is_flat_json_with_units()
    {
        using var process = GameProcess.Start("--unattended", "--bots", "3", "--seconds", "1", "--json");
        Assert.Equal(0, await process.ExitAsync(_patience.Token));
        using var report = JsonDocument.Parse(await process.Output.WaitForAsync("{\"players\":3", _patience.Token));
        Assert.All(report.RootElement.EnumerateObject(), figure =>
        {
            Assert.Matches(SnakeCase(), figure.Name);
            Assert.Contains(figure.Value.ValueKind, (JsonValueKind[])[JsonValueKind.Number, JsonValueKind.True, JsonValueKind.False]);
        });
        Assert.True(report.RootElement.GetProperty("messages_per_player_second").GetDouble() > 0);
    }

    [GeneratedRegex("^[a-z][a-z0-9_]*$")]
    private static partial Regex SnakeCase();
}
