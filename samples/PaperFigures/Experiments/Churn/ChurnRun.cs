using P2P.Pastry;
using P2P.Pastry.Simulation;

namespace PaperFigures.Experiments.Churn;

/// <summary>Is one ring under churn, and what was seen of it after it had settled.</summary>
/// <param name="Prompt">Lookups that are delivered without waiting for the leases of crashed nodes, as in the papers.</param>
/// <param name="Exclusive">Lookups that at most one node may deliver at a time.</param>
/// <param name="Control">Control messages a node and second.</param>
/// <param name="Ended">Sessions that ended meanwhile.</param>
/// <param name="Seconds">The virtual time.</param>
internal sealed record ChurnRun(TracedLookups Prompt, TracedLookups Exclusive, double Control, long Ended, double Seconds)
{
    private const double LookupsPerNodeAndSecond = 0.01;

    private static readonly TimeSpan Grace = TimeSpan.FromMinutes(3);

    public long Lookups => Prompt.Started + Exclusive.Started;

    public long LostCount => Prompt.Lost + Exclusive.Lost;

    public long WrongCount => Prompt.Wrong + Exclusive.Wrong;

    public double Lost => (double)LostCount / Lookups;

    public double Wrong => (double)WrongCount / Lookups;

    public double Doubled => (double)(Prompt.Doubled + Exclusive.Doubled) / Lookups;

    public static ChurnRun Measure(ulong seed, int nodes, SessionTrace trace, double loss, double leaving, double returning, TimeSpan warmUp, int lookups)
    {
        var simulation = new PastrySimulation(new() { Seed = seed });
        var live = new LiveNodes();
        var prompt = new TracedLookups(simulation, live, RouteOptions.Prompt, areConfirmed: true);
        var exclusive = new TracedLookups(simulation, live, RouteOptions.None, areConfirmed: true);
        IReadOnlyList<PastryApplication> NewApplications() => [.. prompt.NewApplications(), .. exclusive.NewApplications()];
        if (!simulation.Grow(nodes, applications: NewApplications))
        {
            throw new InvalidOperationException($"The ring of {nodes} nodes did not form (seed {seed}).");
        }

        var sessions = new Sessions(simulation, live, NewApplications, trace, leaving, returning);
        sessions.Start();
        simulation.Network.LossRate = loss;
        simulation.Run(warmUp);

        var (control, ended, begin) = (ControlOf(simulation), sessions.Ended, simulation.Now);
        var nodeSeconds = 0.0;
        while (prompt.Started + exclusive.Started < lookups)
        {
            var pause = TimeSpan.FromSeconds(1 / (LookupsPerNodeAndSecond * live.Count));
            nodeSeconds += live.Count * pause.TotalSeconds;
            simulation.Run(pause);
            if (sessions.PickReady() is { } source)
            {
                (prompt.Started <= exclusive.Started ? prompt : exclusive).Start(source);
            }
        }

        var run = new ChurnRun(
            prompt, exclusive, (ControlOf(simulation) - control) / nodeSeconds, sessions.Ended - ended, (simulation.Now - begin).TotalSeconds);
        simulation.Run(Grace);
        return run;
    }

    private static long ControlOf(PastrySimulation simulation) => simulation.Nodes.Sum(node => node.ControlMessagesSent);
}
