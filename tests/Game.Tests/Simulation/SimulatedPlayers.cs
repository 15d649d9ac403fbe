using Game.Net;
using Game.World;
using P2P.Pastry;
using P2P.Pastry.Simulation;
using P2P.Scribe;
using P2P.Scribe.Simulation;

namespace Game.Tests.Simulation;

/// <summary>Is a world in virtual time: a ring of nodes, on some of which a ship flies by itself, or is parked. The oracle knows where all ships are.</summary>
internal sealed class SimulatedPlayers : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(5);

    private readonly ScribeSimulation _simulation;
    private readonly WorldGroups _world = new("simulated");
    private readonly List<(SimulatedNode Node, Player Player)> _players = [];
    private readonly Dictionary<NodeId, Vector> _before = [];
    private readonly HashSet<(NodeId, NodeId)> _nearBefore = [];

    public SimulatedPlayers(ulong seed, int nodes, int players, Vector? parked = null, Action<string>? trace = null)
    {
        _simulation = new(new() { Overlay = new() { Seed = seed, Pastry = Ring.Protocol, ReportsPeerDown = true, Trace = trace } });
        Assert.True(_simulation.Grow(nodes), $"seed {seed}: the ring did not form");
        var clock = new GameClock(Overlay.Time);
        foreach (var node in Overlay.ReadyNodes.Take(players).ToArray())
        {
            var options = new PlayerOptions { Name = $"{node.Handle.Id:s}", IsBot = parked is null, Start = parked, Random = new Random((int)seed + _players.Count) };
            _players.Add((node, new Player(_simulation.ScribeOf(node), _world, options, clock, Traffic, _ => true)));
        }

        _simulation.Run(
            () =>
            {
                foreach (var (_, player) in _players)
                {
                    player.Begin();
                }

                return Task.CompletedTask;
            },
            Limit);
    }

    public Traffic Traffic { get; } = new();

    public PastrySimulation Overlay => _simulation.Overlay;

    public string Seed => $"seed {Overlay.Seed}";

    private IEnumerable<(SimulatedNode Node, Player Player)> Alive => _players.Where(player => player.Node.IsUp);

    /// <summary>Lets the world run, and looks each second whether everyone sees who has been in view for a second.</summary>
    /// <returns>How many pairs were compared.</returns>
    public int WatchFor(int seconds)
    {
        var compared = 0;
        for (var i = 0; i < seconds; i++)
        {
            Overlay.Run(TimeSpan.FromSeconds(1));
            compared += Compare();
        }

        return compared;
    }

    public void Run(TimeSpan span)
    {
        Overlay.Run(span);
        _nearBefore.Clear();
        _before.Clear();
    }

    /// <summary>Ends the process of a rendezvous point of an area's group in which somebody is, and which is no player's node, if there is one.</summary>
    /// <returns>The area; null where all these rendezvous points are players'.</returns>
    public Area? CrashRootOfAnArea()
    {
        foreach (var area in Alive.Select(player => player.Player.With(scene => Area.Of(scene.Pilot.Flight.Place))).Distinct())
        {
            var place = _world.IdOf(WorldGroups.NameOf(area)).Key;
            var root = Overlay.ReadyNodes.MinBy(node => node.Handle.Id.DistanceTo(place))!;
            if (!_players.Exists(player => player.Node == root))
            {
                root.Crash();
                return area;
            }
        }

        return null;
    }

    /// <summary>Ends at once all processes that keep the state of an area's group.</summary>
    /// <returns>False where one of them is a player's, and nothing was done.</returns>
    public bool TryCrashKeepers(Area area)
    {
        var place = _world.IdOf(WorldGroups.NameOf(area)).Key;
        var keepers = Overlay.ReadyNodes.OrderBy(node => node.Handle.Id.DistanceTo(place)).Take(new ScribeOptions().ReplicaCount + 1).ToArray();
        if (_players.Exists(player => keepers.Contains(player.Node)))
        {
            return false;
        }

        Array.ForEach(keepers, keeper => keeper.Crash());
        return true;
    }

    public void Dispose() => _world.Dispose();

    private int Compare()
    {
        var compared = 0;
        var states = Alive.Select(player => (player.Player, State: player.Player.With(scene => (scene.Pilot.Flight.Place, scene.Pilot.IsDown, Others: scene.Others.ToDictionary(other => other.Id))))).ToArray();
        var near = new HashSet<(NodeId, NodeId)>();
        foreach (var (watcher, seeing) in states)
        {
            foreach (var (other, seen) in states)
            {
                var way = Map.Way(seeing.Place, seen.Place);
                if (watcher == other || seeing.IsDown || seen.IsDown || Math.Abs(way.X) > Sight.Usual.Across || Math.Abs(way.Y) > Sight.Usual.Down)
                {
                    continue;
                }

                near.Add((watcher.Id, other.Id));
                if (_nearBefore.Contains((watcher.Id, other.Id)) && HasFlownOn(watcher.Id, seeing.Place) && HasFlownOn(other.Id, seen.Place))
                {
                    compared++;
                    Assert.True(seeing.Others.TryGetValue(other.Id, out var shown), $"{Seed}: {watcher.Id:s} does not see {other.Id:s} at {seen.Place} from {seeing.Place}");
                    Assert.True(Map.Distance(shown!.Flight.Place, seen.Place) < Flight.SpeedMax / 2, $"{Seed}: {watcher.Id:s} sees {other.Id:s} {Map.Distance(shown.Flight.Place, seen.Place):f0} units from where it is");
                }
            }
        }

        _nearBefore.Clear();
        _nearBefore.UnionWith(near);
        foreach (var (player, state) in states)
        {
            _before[player.Id] = state.Place;
        }

        return compared;
    }

    /// <summary>Who was shot down meanwhile has come back elsewhere.</summary>
    private bool HasFlownOn(NodeId id, Vector place) => _before.TryGetValue(id, out var before) && Map.Distance(before, place) <= Flight.SpeedMax * 1.1;
}
