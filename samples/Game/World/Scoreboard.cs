using P2P.Pastry;

namespace Game.World;

/// <summary>Keeps what each player says of itself: its name, what it has shot down, and how often it was; beyond the bound, newcomers are not shown until others have gone.</summary>
internal sealed class Scoreboard
{
    /// <summary>Who was not heard of for this many seconds has gone.</summary>
    public const double Patience = 8;

    private const int PlayersMax = 512;

    private readonly Dictionary<NodeId, (Standing Standing, double HeardAt)> _players = [];

    /// <summary>Gives the players, the best first.</summary>
    public IEnumerable<(NodeId Id, Standing Standing)> Best => _players
        .Select(player => (player.Key, player.Value.Standing))
        .OrderByDescending(player => player.Standing.Score)
        .ThenBy(player => player.Standing.Losses)
        .ThenBy(player => player.Key.Value);

    public int Count => _players.Count;

    public Standing? Find(NodeId id) => _players.TryGetValue(id, out var player) ? player.Standing : null;

    /// <summary>Tells whether somebody else has a name.</summary>
    public bool IsTaken(string name, NodeId by) => _players.Any(player => player.Key != by && player.Value.Standing.Name == name);

    /// <returns>True where the player is new.</returns>
    public bool Take(NodeId id, Standing standing, double now)
    {
        var isNew = !_players.ContainsKey(id);
        if (isNew && _players.Count >= PlayersMax)
        {
            return false;
        }

        _players[id] = (standing, now);
        return isNew;
    }

    public bool Remove(NodeId id) => _players.Remove(id);

    /// <summary>Gives who has gone without a word.</summary>
    public IReadOnlyList<(NodeId Id, string Name)> Forget(double now)
    {
        (NodeId Id, string Name)[] gone = [.. _players.Where(player => now - player.Value.HeardAt > Patience).Select(player => (player.Key, player.Value.Standing.Name))];
        foreach (var (id, _) in gone)
        {
            _players.Remove(id);
        }

        return gone;
    }
}

/// <summary>Is what a player says of itself to all.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Score">How many it has shot down.</param>
/// <param name="Losses">How often it was shot down.</param>
/// <param name="IsBot">Whether it flies by itself.</param>
/// <param name="Place">Where it is, about, for the small map.</param>
internal sealed record Standing(string Name, int Score, int Losses, bool IsBot, Vector Place);
