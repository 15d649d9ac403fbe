using Shared.Tests;

namespace Game.Tests.Play;

/// <summary>Is the game as a process of its own.</summary>
internal sealed class GameProcess : SampleProcess
{
    private GameProcess(IEnumerable<string> arguments)
        : base(typeof(Settings).Assembly, arguments)
    {
    }

    public static GameProcess Start(params IEnumerable<string> arguments) => new(arguments);

    /// <summary>Waits for the page's address.</summary>
    public async Task<string> PageAsync(CancellationToken cancellationToken) => (await Output.WaitForAsync("Play at", cancellationToken)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[^1];

    /// <summary>Waits for the address that others join.</summary>
    public async Task<string> AddressAsync(CancellationToken cancellationToken)
    {
        var words = (await Output.WaitForAsync("--join", cancellationToken)).Split(' ');
        return words[Array.IndexOf(words, "--join") + 1];
    }
}
