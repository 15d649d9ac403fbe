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

    /// <summary>Waits until another player, whose page this is, is seen to fly.</summary>
    public async Task WhenSeenToFlyAsync(string name, Window pilot)
    {
        var before = await page.EvaluateAsync<double[]>($"() => {{ const other = game.others().find(other => other.name === '{name}'); return [other.x, other.y]; }}");
        await pilot.Page.Keyboard.DownAsync("ArrowUp");
        await WhenAsync(FormattableString.Invariant($"game.others().some(other => other.name === '{name}' && Math.hypot(other.x - {before[0]}, other.y - {before[1]}) > 40)"));
        await pilot.Page.Keyboard.UpAsync("ArrowUp");
    }

    public async Task SayAsync(string text)
    {
        await page.Keyboard.PressAsync("Enter");
        await page.Keyboard.TypeAsync(text);
        await page.Keyboard.PressAsync("Enter");
    }

    public Task WhenHeardAsync(string text) => WhenAsync($"said.textContent.includes('{text}')");
}
