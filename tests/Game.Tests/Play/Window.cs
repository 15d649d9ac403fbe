using Microsoft.Playwright;

namespace Game.Tests.Play;

/// <summary>Is a player's page in the browser.</summary>
internal sealed class Window(IPage page)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    public IPage Page => page;

    /// <summary>Waits until something holds in the page, which looks each time it draws.</summary>
    /// <param name="condition">An expression of JavaScript, which may await.</param>
    public async Task WhenAsync(string condition)
    {
        try
        {
            await page.EvaluateAsync($"async () => {{ while (!({condition})) await new Promise(requestAnimationFrame); }}").WaitAsync(Patience);
        }
        catch (TimeoutException)
        {
            Assert.Fail($"In {Patience} this did not come true: {condition}. There are: {await page.EvaluateAsync<string>("() => JSON.stringify({ own: game.own(), others: game.others(), said: said.textContent })")}");
        }
    }

    /// <summary>Waits until another player is seen.</summary>
    public Task WhenSeenAsync(string name) => WhenAsync($"game.others().some(other => other.name === '{name}')");

    /// <summary>Lets another player, whose page is given, fly a little, and waits until it is seen where its node says that it is.</summary>
    public async Task WhenSeenToFlyAsync(string name, Window pilot)
    {
        var before = await pilot.PlaceAsync();

        // The page itself lets the key go: until word of it has come here and back, a ship may be out of sight.
        var stopping = pilot.WhenAsync(FormattableString.Invariant(
            $"Math.hypot(game.said().x - {before[0]}, game.said().y - {before[1]}) > 30 && (dispatchEvent(new KeyboardEvent('keyup', {{ code: 'ArrowUp' }})), true)"));
        await pilot.Page.Keyboard.DownAsync("ArrowUp");
        await stopping;
        await pilot.Page.Keyboard.UpAsync("ArrowUp");
        await pilot.WhenAsync("Math.hypot(game.said().vx, game.said().vy) < 5");
        var after = await pilot.PlaceAsync();
        await WhenAsync(FormattableString.Invariant($"game.others().some(other => other.name === '{name}' && Math.hypot(other.x - {after[0]}, other.y - {after[1]}) < 15)"));
    }

    public async Task SayAsync(string text)
    {
        await page.Keyboard.PressAsync("Enter");
        await page.Keyboard.TypeAsync(text);
        await page.Keyboard.PressAsync("Enter");
    }

    public Task WhenHeardAsync(string text) => WhenAsync($"said.textContent.includes('{text}')");

    private Task<double[]> PlaceAsync() => page.EvaluateAsync<double[]>("() => [game.said().x, game.said().y]");
}
