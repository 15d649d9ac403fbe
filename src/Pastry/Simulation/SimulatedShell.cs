using System.Collections.Immutable;
using P2P.Pastry.Protocol;
using P2P.Pastry.Transport.Framing;

namespace P2P.Pastry.Simulation;

/// <summary>
/// Carries the modules of one life of a simulated node, as the shell of a live node does: their ports, their streams, their clock and their end.
/// </summary>
internal sealed class SimulatedShell
{
    private readonly PastrySimulation _simulation;
    private readonly Dictionary<PastryApplicationId, IPastryModule> _modules;
    private readonly int _life;
    private readonly Action _stop;
    private readonly List<StreamPair> _streams = [];
    private SeededRandom _random;

    public SimulatedShell(PastrySimulation simulation, SimulatedNode node, SigningKey key, IReadOnlyList<IPastryModule> modules, ulong seed)
    {
        _simulation = simulation;
        _modules = modules.ToDictionary(module => module.Application.Id);
        _life = node.Life;
        _random = new SeededRandom(seed);
        var stopping = new CancellationTokenSource();
        Stopping = stopping.Token;
        _stop = stopping.Cancel;
        Node = node;
        Key = key;
        Handle = node.Handle;
        Clock = new SimulatedClock(simulation, this);
        NeighborFeed = new NeighborFeed(options => new SimulatedChannel<NeighborChanged>(simulation, options));
        foreach (var module in modules)
        {
            module.Attach(new SimulatedPort(simulation, this, module.Application));
        }
    }

    public SimulatedNode Node { get; }

    public SigningKey Key { get; }

    public NodeHandle Handle { get; }

    public SimulatedClock Clock { get; }

    public Readiness Readiness { get; } = new(TaskCreationOptions.None);

    public NeighborFeed NeighborFeed { get; }

    public CancellationToken Stopping { get; }

    public ImmutableArray<NodeHandle> Neighbors => IsAlive ? [.. Node.LeafSet] : [];

    /// <summary>Tells whether this life goes on.</summary>
    public bool IsAlive => Node.IsUp && Node.Life == _life;

    /// <summary>Draws from the life's own generator.</summary>
    public ulong NextRandom() => _random.Next();

    /// <summary>Lets something happen in this life, unless it has ended by then; while the node sleeps, it waits.</summary>
    public void Schedule(TimeSpan after, Action action) => _simulation.StartWork(after, () =>
    {
        if (!IsAlive)
        {
            return;
        }

        if (Node.IsAsleep)
        {
            Schedule(TimeSpan.FromSeconds(1), action);
            return;
        }

        action();
    });

    /// <summary>Carries out what an application wants done; one without a module wants in vain.</summary>
    public void Perform(ApplicationEffect effect)
    {
        if (_modules.TryGetValue(effect.Application.Id, out var module))
        {
            module.Perform(effect.Effect);
        }
    }

    public void SetReady(bool ready) => Schedule(TimeSpan.Zero, () => Readiness.Set(ready));

    public void NeighborsChanged(NeighborUpdate update) =>
        Schedule(TimeSpan.Zero, () => NeighborFeed.Publish(new NeighborChanged(update.Node, update.Change)));

    public bool TryAccept(StreamPair pair, PastryApplicationId application)
    {
        if (!_modules.TryGetValue(application, out var module))
        {
            return false;
        }

        Keep(pair);
        module.AcceptStream(pair.Accepted);
        return true;
    }

    public void Keep(StreamPair pair) => _streams.Add(pair);

    public void Forget(StreamPair pair) => _streams.Remove(pair);

    /// <summary>Ends this life: streams break, whoever waits is told, and modules are disposed of.</summary>
    public void End() => _simulation.StartWork(TimeSpan.Zero, () =>
    {
        _stop();
        Readiness.End(Stopped());
        foreach (var stream in _streams.ToArray())
        {
            stream.Cut();
        }

        NeighborFeed.End();
        foreach (var module in _modules.Values)
        {
            _simulation.Watch(module.DisposeAsync().AsTask());
        }
    });

    public static PastryException Stopped() => new("The node has stopped.");
}
