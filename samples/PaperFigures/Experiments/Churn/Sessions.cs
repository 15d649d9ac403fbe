using P2P.Pastry;
using P2P.Pastry.Simulation;

namespace PaperFigures.Experiments.Churn;

/// <summary>Ends the sessions of nodes, and lets others come in their place.</summary>
internal sealed class Sessions(
    PastrySimulation simulation, LiveNodes live, Func<IReadOnlyList<PastryApplication>> applications, SessionTrace trace, double leaving, double returning)
{
    private static readonly TimeSpan Look = TimeSpan.FromMinutes(1);

    private readonly List<SimulatedNode> _gone = [];
    private Instant _begin;
    private int _mean;

    /// <summary>How many sessions have ended.</summary>
    public long Ended { get; private set; }

    /// <summary>Begins with the nodes that there are.</summary>
    public void Start()
    {
        _begin = simulation.Now;
        _mean = simulation.Nodes.Count;
        foreach (var node in simulation.Nodes)
        {
            Begin(node);
        }

        LookAgain();
    }

    public SimulatedNode? PickReady()
    {
        for (var attempt = 0; attempt < 20; attempt++)
        {
            if (live[simulation.NextRandom(live.Count)] is { IsReady: true } node)
            {
                return node;
            }
        }

        return null;
    }

    private double NextUniform() => (simulation.NextRandom(int.MaxValue - 1) + 1.0) / int.MaxValue;

    private void Begin(SimulatedNode node)
    {
        live.Add(node);
        simulation.Schedule(TimeSpan.FromSeconds(trace.Session(NextUniform())), () => End(node));
    }

    private void End(SimulatedNode node)
    {
        Ended++;
        if (NextUniform() < leaving)
        {
            node.Leave();
        }
        else
        {
            node.Crash();
        }

        live.Remove(node);
        _gone.Add(node);
        Fill(max: 1);
    }

    /// <summary>Lets nodes come until there are as many as at this time of the day.</summary>
    private void Fill(int max)
    {
        var target = trace.Population(_mean, (simulation.Now - _begin).TotalSeconds);
        for (var i = 0; i < max && live.Count < target; i++)
        {
            if (PickReady() is not { } bootstrap || PickReady() is not { } other)
            {
                throw new InvalidOperationException("No node is ready any more.");
            }

            var node = Newcomer();
            node.Join(bootstrap, other);
            Begin(node);
        }
    }

    private SimulatedNode Newcomer()
    {
        if (_gone.Count == 0 || NextUniform() >= returning)
        {
            return simulation.AddNode(applications());
        }

        var index = simulation.NextRandom(_gone.Count);
        var returned = _gone[index];
        _gone[index] = _gone[^1];
        _gone.RemoveAt(_gone.Count - 1);
        returned.Restart(applications());
        return returned;
    }

    private void LookAgain() => simulation.Schedule(Look, () =>
    {
        Fill(max: _mean);
        LookAgain();
    });
}
