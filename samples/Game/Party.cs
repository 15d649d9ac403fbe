using System.Collections.Concurrent;
using Game.Net;
using P2P.Pastry;

namespace Game;

/// <summary>Is everyone who plays in this process: a person, bots, or both, each on a node of its own behind one listener.</summary>
internal sealed class Party : IAsyncDisposable
{
    private readonly Settings _settings;
    private readonly Ring _ring;
    private readonly WorldGroups _world;
    private readonly List<Player> _players = [];
    private readonly ConcurrentDictionary<NodeId, bool> _here = new();

    private Party(Settings settings, Ring ring)
    {
        (_settings, _ring, _world) = (settings, ring, new WorldGroups(settings.World));
        Clock = new GameClock(TimeProvider.System);
    }

    public GameClock Clock { get; }

    public Traffic Traffic { get; } = new();

    public NodeAddress Address => _ring.Address;

    public IReadOnlyList<Player> Players => _players;

    /// <summary>Whether each is a member of all groups that it wants to be in.</summary>
    public bool IsSettled => _players.TrueForAll(player => player.IsSettled);

    private PlayerOptions Usual => new() { Name = "", Rate = _settings.Rate, IsEverything = _settings.IsEverything, Random = new Random() };

    /// <summary>Binds the listener.</summary>
    public static async Task<Party> OpenAsync(Settings settings) => new(settings, await Ring.OpenAsync(settings.Listen, settings.Join));

    /// <summary>
    /// Brings in the bots, and a person where there is one. All nodes are in the ring before anybody plays: each that joins may become the rendezvous point of groups, which pause for that.
    /// </summary>
    /// <returns>The person.</returns>
    public async Task<Player?> FillAsync(bool withPerson, CancellationToken cancellationToken)
    {
        var person = withPerson ? await AddAsync(Usual with { Name = _settings.Name, Start = _settings.Start }, cancellationToken) : null;
        foreach (var name in BotNames.Beside(_settings.Name).Take(_settings.Bots))
        {
            await AddAsync(Usual with { Name = name, IsBot = true }, cancellationToken);
        }

        _players.ForEach(player => player.Begin());
        return person;
    }

    /// <summary>Lets all say farewell, and stops.</summary>
    public async ValueTask DisposeAsync()
    {
        await Task.WhenAll(_players.Select(player => player.DisposeAsync().AsTask()));
        await _ring.DisposeAsync();
        _world.Dispose();
    }

    private async Task<Player> AddAsync(PlayerOptions options, CancellationToken cancellationToken)
    {
        var scribe = await _ring.AddAsync(cancellationToken);
        _here[scribe.PublicKey.NodeId] = true;
        var player = new Player(scribe, _world, options, Clock, Traffic, _here.ContainsKey);
        _players.Add(player);
        return player;
    }
}
