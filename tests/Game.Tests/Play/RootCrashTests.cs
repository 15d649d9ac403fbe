using System.Diagnostics;
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

    /// <summary>Of three nodes each is the one with a chance of a third.</summary>
    private const int TriesMax = 25;

    private static readonly Vector Middle = new(1000, 1000);

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
        var ada = await OpenAsync(Start("--name", "Ada", "--at", "1000,1000"));
        var address = await _processes[0].AddressAsync(_patience.Token);
        var grace = await OpenAsync(Start("--name", "Grace", "--at", "1100,1000", "--join", address));
        await ada.WhenSeenAsync("Grace");
        await grace.WhenSeenAsync("Ada");

        var (third, root) = await StartRootAsync(address, [await IdAsync(ada), await IdAsync(grace)]);
        await ada.WhenSeenAsync("Third");
        await SeeEachOtherAsync(ada, grace, "before");

        output.WriteLine($"killing the rendezvous point of {root}");
        await third.KillAsync(_patience.Token);
        var since = Stopwatch.StartNew();
        await SeeEachOtherAsync(ada, grace, "after");
        output.WriteLine($"all of that {since.Elapsed.TotalSeconds:f1} s later");
        await ada.WhenAsync("![...document.querySelectorAll('#pilots .name')].some(name => name.textContent === 'Third')");
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

    /// <summary>Starts players until one of them is the rendezvous point of the area where all are, as the ring has it.</summary>
    private async Task<(GameProcess Process, string Group)> StartRootAsync(string address, NodeId[] others)
    {
        using var groups = new WorldGroups(World);
        var name = WorldGroups.NameOf(Area.Of(Middle));
        var place = groups.IdOf(name).Key;
        for (var i = 0; i < TriesMax; i++)
        {
            var process = Start("--name", "Third", "--at", "1050,1100", "--join", address);
            var page = await OpenAsync(process);
            var id = await IdAsync(page);
            if (others.All(other => id.DistanceTo(place) < other.DistanceTo(place)))
            {
                await page.WhenAsync($"(await (await fetch('state')).json()).roots.includes('{name}')");
                output.WriteLine($"the player of try {i + 1} is the rendezvous point");
                return (process, name);
            }

            await page.Page.Context.CloseAsync();
            await process.TerminateAsync(_patience.Token);
        }

        throw new InvalidOperationException($"None of {TriesMax} nodes came to be the rendezvous point.");
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
