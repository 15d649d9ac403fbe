using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Game.Net;
using Game.World;
using P2P.Pastry;
using Xunit.Abstractions;
using YouServ.Tests.Sites;

namespace Game.Tests.Play;

/// <summary>Players in processes of their own, each with its page in a real browser, go on when another process is killed through which all that they say goes.</summary>
public sealed class RootCrashTests(Chromium browser, ITestOutputHelper output) : IClassFixture<Chromium>, IDisposable
{
    private const string World = "test world";

    /// <summary>With forty areas, one is so near to a node's id that another node is nearer once in forty times.</summary>
    private const int TriesMax = 12;

    private const string Third = "[...document.querySelectorAll('#pilots .name')].some(name => name.textContent === 'Third')";

    private readonly CancellationTokenSource _patience = new(TimeSpan.FromMinutes(6));
    private readonly List<GameProcess> _processes = [];

    public void Dispose()
    {
        _processes.ForEach(process => process.Dispose());
        _patience.Dispose();
    }

    [SkippableFact]
    public async Task Two_players_see_each_other_fly_and_talk_after_the_process_of_their_rendezvous_point_was_killed()
    {
        var process = Start("--name", "Third");
        var third = await OpenAsync(process);
        var area = NearestTo(await IdAsync(third));
        var address = await process.AddressAsync(_patience.Token);
        var ada = await JoinAsync("Ada", area, address, offset: -50, await IdAsync(third));
        var grace = await JoinAsync("Grace", area, address, offset: 50, await IdAsync(third));
        await third.WhenAsync($"(await (await fetch('state')).json()).roots.includes('{WorldGroups.NameOf(area)}')");
        await ada.WhenSeenAsync("Grace");
        await grace.WhenSeenAsync("Ada");
        await ada.WhenAsync(Third);
        await SeeEachOtherAsync(ada, grace, "before");

        output.WriteLine($"killing the rendezvous point of area {area}, after {_processes.Count} processes were started");
        await process.KillAsync(_patience.Token);
        var since = Stopwatch.StartNew();
        await SeeEachOtherAsync(ada, grace, "after");
        output.WriteLine($"all of that {since.Elapsed.TotalSeconds:f1} s later");
        await ada.WhenAsync($"!{Third}");
    }

    private static async Task SeeEachOtherAsync(Window ada, Window grace, string when)
    {
        await ada.WhenSeenToFlyAsync("Grace", grace);
        await grace.WhenSeenToFlyAsync("Ada", ada);
        await ada.SayAsync($"<b>hello</b> {when}");
        await grace.WhenHeardAsync($"<b>hello</b> {when}");
        await grace.SayAsync($"well heard {when}");
        await ada.WhenHeardAsync($"well heard {when}");
    }

    /// <summary>Finds the area whose rendezvous point a node most likely is.</summary>
    private static Area NearestTo(NodeId node)
    {
        using var groups = new WorldGroups(World);
        return Area.All.MinBy(area => groups.IdOf(WorldGroups.NameOf(area)).Key.DistanceTo(node));
    }

    /// <summary>Starts a player in an area, pointing as the other does, so that however far both fly they stay in sight; and another one in its place if its node turns out to be nearer to the area's group than the one that is to be its rendezvous point.</summary>
    private async Task<Window> JoinAsync(string name, Area area, string address, int offset, NodeId root)
    {
        using var groups = new WorldGroups(World);
        var place = groups.IdOf(WorldGroups.NameOf(area)).Key;
        for (var i = 0; i < TriesMax; i++)
        {
            var (x, y) = (((area.Column * Area.Size) + (Area.Size / 2) + offset).ToString(CultureInfo.InvariantCulture), ((area.Row * Area.Size) + (Area.Size / 2)).ToString(CultureInfo.InvariantCulture));
            var process = Start("--name", name, "--at", $"{x},{y}", "--join", address);
            var window = await OpenAsync(process);
            if (root.DistanceTo(place) < (await IdAsync(window)).DistanceTo(place))
            {
                return window;
            }

            await window.Page.Context.CloseAsync();
            await process.TerminateAsync(_patience.Token);
        }

        throw new InvalidOperationException($"Of {TriesMax} nodes each was nearer than the one that is to be the rendezvous point.");
    }

    private static async Task<NodeId> IdAsync(Window window)
    {
        var state = await window.Page.EvaluateAsync<JsonElement>("async () => await (await fetch('state')).json()");
        return NodeId.Parse(state.GetProperty("id").GetString()!, null);
    }

    private GameProcess Start(params string[] arguments)
    {
        var process = GameProcess.Start([.. arguments, "--world", World]);
        _processes.Add(process);
        return process;
    }

    private async Task<Window> OpenAsync(GameProcess process)
    {
        var page = await browser.OpenAsync();
        page.Console += (_, message) => output.WriteLine($"console: {message.Text}");
        page.PageError += (_, error) => output.WriteLine($"page error: {error}");
        await page.GotoAsync(await process.PageAsync(_patience.Token));
        var window = new Window(page);
        await window.WhenAsync("game.own()");
        return window;
    }
}
