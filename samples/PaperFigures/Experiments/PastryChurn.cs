using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using P2P.Pastry.Simulation;
using PaperFigures.Output;

namespace PaperFigures.Experiments;

/// <summary>
/// MSPastry (2004), §5: nodes crash when their session is over and others join in their place, while lookups go on. Sessions are drawn from
/// an exponential or a Weibull distribution.
/// </summary>
internal sealed class PastryChurn : IExperiment
{
    private static readonly TimeSpan Grace = TimeSpan.FromMinutes(3);

    private readonly Option<int> _nodes = new("--nodes") { Description = "How many nodes are up at a time.", DefaultValueFactory = _ => 1_000 };
    private readonly NumberOption _session = new("--session", "The mean session, in seconds.", 8_280);
    private readonly NumberOption _shape = new("--shape", "The Weibull shape of sessions: 1 is exponential, less has many short and a few very long ones.", 1);
    private readonly NumberOption _loss = new("--loss", "The fraction of packets lost.", 0);
    private readonly Option<int> _lookups = new("--lookups") { Description = "How many lookups in all, 0.01 a node a second.", DefaultValueFactory = _ => 1_000_000 };

    public string Name => "pastry-churn";

    public string Description => "Lookups lost and delivered wrongly, and messages a node, while nodes come and go.";

    public IReadOnlyList<Option> Options => [_nodes, _session, _shape, _loss, _lookups];

    public Figures Run(ParseResult arguments, ulong seed)
    {
        var (nodes, lookups) = (arguments.GetValue(_nodes), arguments.GetValue(_lookups));
        var simulation = new PastrySimulation(new() { Seed = seed });
        var live = new LiveNodes();
        var traced = new TracedLookups(simulation, live);
        if (!simulation.Grow(nodes, applications: traced.NewApplications))
        {
            throw new InvalidOperationException($"The ring of {nodes} nodes did not form (seed {seed}).");
        }

        var sessions = new Sessions(simulation, live, traced, arguments.GetValue(_session), arguments.GetValue(_shape));
        sessions.Start();
        simulation.Network.LossRate = arguments.GetValue(_loss);
        var watch = Stopwatch.StartNew();
        var (controlBefore, begin) = (simulation.Nodes.Sum(node => node.ControlMessagesSent), simulation.Now);
        var pause = TimeSpan.FromSeconds(1 / (0.01 * nodes));
        while (traced.Started < lookups)
        {
            simulation.Run(pause);
            if (sessions.PickReady() is { } source)
            {
                traced.Start(source);
            }
        }

        var seconds = (simulation.Now - begin).TotalSeconds;
        var control = (simulation.Nodes.Sum(node => node.ControlMessagesSent) - controlBefore) / seconds / nodes;
        simulation.Run(Grace);
        return Describe(arguments, traced, sessions, control, seconds, watch.Elapsed);
    }

    private Figures Describe(ParseResult arguments, TracedLookups traced, Sessions sessions, double control, double seconds, TimeSpan wall)
    {
        var (lost, wrong) = ((double)traced.Lost / traced.Started, (double)traced.Wrong / traced.Started);
        return new Figures(
            TitleOf(arguments, traced, seconds),
            ["", "MSPastry, Gnutella trace", "FreePastry 2.1, 1,000 nodes, 2.3 h", "ours"],
            [
                ["Lookups lost", "1.5e-5", "0.0022", Rate(lost)],
                ["of them at most, with 95%", "-", "-", Rate(Bound(traced.Lost, traced.Started))],
                ["Delivered at a wrong node", "0", "0.0001", Rate(wrong)],
                ["of them at most, with 95%", "-", "-", Rate(Bound(traced.Wrong, traced.Started))],
                ["Delivered twice", "-", "-", Rate((double)traced.Doubled / traced.Started)],
                ["Control messages, a node a second", "0.245", "0.40", control.ToString("f3", CultureInfo.InvariantCulture)],
                ["Stretch", "1.8", "1.54", traced.Stretch.ToString("f3", CultureInfo.InvariantCulture)],
                ["Stretch, median", "-", "-", traced.MedianStretch.ToString("f3", CultureInfo.InvariantCulture)],
                ["Hops, mean", "-", "-", traced.MeanHops.ToString("f3", CultureInfo.InvariantCulture)],
                ["Crashes", "-", "-", sessions.Crashes.ToString("n0", CultureInfo.InvariantCulture)],
                ["Wall time, s", "-", "-", wall.TotalSeconds.ToString("f0", CultureInfo.InvariantCulture)],
            ],
            Draw(TitleOf(arguments, traced, seconds), traced, control),
            [
                ("lookups", traced.Started),
                ("lost", lost),
                ("wrong", wrong),
                ("control_per_node_second", Math.Round(control, 4)),
                ("stretch", Math.Round(traced.Stretch, 4)),
                ("stretch_median", Math.Round(traced.MedianStretch, 4)),
                ("lost_bound_95", Bound(traced.Lost, traced.Started)),
                ("wrong_bound_95", Bound(traced.Wrong, traced.Started)),
                ("crashes", sessions.Crashes),
            ]);
    }

    private string TitleOf(ParseResult arguments, TracedLookups traced, double seconds) => string.Create(
        CultureInfo.InvariantCulture,
        $"{arguments.GetValue(_nodes):n0} nodes, sessions of {arguments.GetValue(_session):n0} s, {arguments.GetValue(_loss):p0} of packets lost, {traced.Started:n0} lookups over {seconds / 3600:f1} virtual hours");

    private static Chart Draw(string subtitle, TracedLookups traced, double control) => new(
        "Nodes come and go",
        subtitle,
        "MSPastry (2004): Gnutella trace. FreePastry 2.1: 1,000 nodes, 2.3 h. At most: with 95% confidence. Mean stretch includes waiting for leases of crashed nodes.",
        new BarPanel(
            "", "lookups lost, fraction", ["MSPastry", "FreePastry", "ours", "ours,\nat most"],
            ("lookups lost", [1.5e-5, 0.0022, (double)traced.Lost / traced.Started, Bound(traced.Lost, traced.Started)])),
        new BarPanel("", "control messages a node and second", ["MSPastry", "FreePastry", "ours"], ("control messages", [0.245, 0.40, control])),
        new BarPanel(
            "", "stretch: delay over that of the direct way", ["MSPastry", "FreePastry", "ours", "ours,\nmedian"],
            ("stretch", [1.8, 1.54, traced.Stretch, traced.MedianStretch])));

    /// <summary>The rate that the true one does not exceed, with a confidence of 95%: of none among n it is 3/n.</summary>
    private static double Bound(long count, long trials) => (count + 1.645 * Math.Sqrt(count + 0.68) + 1.65) / trials;

    private static string Rate(double value) => value == 0 ? "0" : value.ToString("0.0e-0", CultureInfo.InvariantCulture);

    /// <summary>Ends the sessions of nodes, and lets others join in their place.</summary>
    private sealed class Sessions(PastrySimulation simulation, LiveNodes live, TracedLookups traced, double meanSeconds, double shape)
    {
        private readonly double _scale = meanSeconds / Gamma(1 + 1 / shape);

        public long Crashes { get; private set; }

        public void Start()
        {
            foreach (var node in simulation.Nodes)
            {
                Begin(node);
            }
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

        private void Begin(SimulatedNode node)
        {
            live.Add(node);
            var uniform = (simulation.NextRandom(int.MaxValue) + 1.0) / int.MaxValue;
            simulation.Schedule(TimeSpan.FromSeconds(_scale * Math.Pow(-Math.Log(uniform), 1 / shape)), () => End(node));
        }

        private void End(SimulatedNode node)
        {
            Crashes++;
            node.Crash();
            live.Remove(node);
            if (PickReady() is not { } bootstrap || PickReady() is not { } other)
            {
                throw new InvalidOperationException("No node is ready any more.");
            }

            var newcomer = simulation.AddNode(traced.NewApplications());
            newcomer.Join(bootstrap, other);
            Begin(newcomer);
        }

        /// <summary>Lanczos' approximation, to ten digits for what is needed here.</summary>
        private static double Gamma(double x)
        {
            double[] coefficients = [76.18009172947146, -86.50532032941677, 24.01409824083091, -1.231739572450155, 0.1208650973866179e-2, -0.5395239384953e-5];
            var series = 1.000000000190015;
            for (var i = 0; i < coefficients.Length; i++)
            {
                series += coefficients[i] / (x + i + 1);
            }

            var shifted = x + 5.5;
            return Math.Exp((x + 0.5) * Math.Log(shifted) - shifted + Math.Log(2.5066282746310005 * series / x));
        }
    }
}
