using P2P.Pastry;
using P2P.Pastry.Simulation;
using PastryApplicationId = P2P.Pastry.PastryApplicationId;

namespace Pastry.Tests.Simulation;

/// <summary>What is to be confirmed arrives, and is taken once by any node, whatever is lost on the way there and back.</summary>
public class ConfirmedRoutingTests
{
    [Theory]
    [InlineData(1, 0, 0)]
    [InlineData(2, 0.05, 0)]
    [InlineData(3, 0.25, 0)]
    [InlineData(4, 0.05, 0.5)]
    public void Every_message_is_confirmed_and_taken_once(ulong seed, double loss, double doubled)
    {
        var taken = new List<(NodeId At, ulong Message)>();
        var simulation = Formed(seed, taken);
        simulation.Network.LossRate = loss;
        simulation.Network.DuplicateRate = doubled;
        var sources = simulation.ReadyNodes.ToArray();
        for (var i = 0; i < 300; i++)
        {
            Send(sources[simulation.NextRandom(sources.Length)], simulation.NextId());
            simulation.Run(TimeSpan.FromMilliseconds(20));
        }

        simulation.Run(TimeSpan.FromSeconds(90));
        var outcomes = simulation.Nodes.SelectMany(node => Of(node).Outcomes).ToArray();
        Assert.Equal(300, outcomes.Length);
        Assert.All(outcomes, outcome => Assert.IsType<RouteOutcome.Taken>(outcome.Outcome));
        Assert.Equal(300, taken.Select(one => one.Message).Distinct().Count());
        Assert.Equal(taken.Count, taken.Distinct().Count());
    }

    [Fact]
    public void Crashes_lose_nothing_whose_origin_lives()
    {
        for (var seed = 1u; seed <= 5; seed++)
        {
            var taken = new List<(NodeId At, ulong Message)>();
            var simulation = Formed(seed, taken);
            simulation.Network.LossRate = 0.05;
            for (var i = 0; i < 300; i++)
            {
                var ready = simulation.ReadyNodes.ToArray();
                Send(ready[simulation.NextRandom(ready.Length)], simulation.NextId());
                if (i % 30 == 0)
                {
                    ready[simulation.NextRandom(ready.Length)].Crash();
                    simulation.AddNode(new Counter(taken)).Join(simulation.ReadyNodes.First(), simulation.ReadyNodes.Last());
                }

                simulation.Run(TimeSpan.FromMilliseconds(100));
            }

            simulation.Run(TimeSpan.FromSeconds(90));
            var outcomes = simulation.Nodes.Where(node => node.IsUp).SelectMany(node => Of(node).Outcomes).ToArray();
            Assert.All(outcomes, outcome => Assert.True(outcome.Outcome is RouteOutcome.Taken, $"seed {seed}: {outcome.Message} was not confirmed"));
            Assert.Equal(simulation.Nodes.Where(node => node.IsUp).Sum(node => Of(node).Started), outcomes.Length);
            Assert.Equal(taken.Count, taken.Distinct().Count());
        }
    }

    /// <summary>Leases last three seconds here, and a death is found out within two.</summary>
    [Theory]
    [InlineData(RouteOptions.None, 3, 12)]
    [InlineData(RouteOptions.Prompt, 0, 2)]
    public void Prompt_messages_do_not_wait_until_the_leases_of_a_crashed_node_have_run_out(RouteOptions options, int secondsMin, int secondsMax)
    {
        var taken = new List<(NodeId At, ulong Message)>();
        var simulation = Formed(seed: 4, taken);
        var gone = simulation.ReadyNodes.ElementAt(7);
        gone.Crash();
        var source = simulation.ReadyNodes.First();
        Of(source).Options = options;
        var begin = simulation.Now;
        Send(source, gone.Handle.Id);
        Assert.True(simulation.RunUntil(() => taken.Count > 0, TimeSpan.FromMinutes(1)));

        Assert.InRange(simulation.Now - begin, TimeSpan.FromSeconds(secondsMin), TimeSpan.FromSeconds(secondsMax));
        Assert.Equal(new RingOracle(simulation).Root(gone.Handle.Id).Id, taken[0].At);
    }

    private static PastrySimulation Formed(ulong seed, List<(NodeId, ulong)> taken)
    {
        var simulation = new PastrySimulation(new() { Seed = seed, Pastry = WatchedRing.Quick with { LeafSetSize = 8, BitsPerDigit = 2, ConfirmationTimeout = TimeSpan.FromSeconds(4) } });
        Assert.True(simulation.Grow(40, applications: () => [new Counter(taken)]), $"seed {seed}: did not form");
        return simulation;
    }

    private static Counter Of(SimulatedNode node) => (Counter)node.Applications[0];

    private static void Send(SimulatedNode from, NodeId key) => from.Post(Of(from), key);

    private sealed class Counter(List<(NodeId At, ulong Message)> taken) : PastryApplication(PastryApplicationId.FromName("tests/counter"))
    {
        public List<(ConfirmationId Message, RouteOutcome Outcome)> Outcomes { get; } = [];

        public int Started { get; private set; }

        public RouteOptions Options { get; set; }

        protected internal override void Handle(object input, IOverlay overlay)
        {
            var content = BitConverter.GetBytes(overlay.NextRandom());
            overlay.RouteConfirmed((NodeId)input, Payload.FromBytes(content), firstHop: null, Options);
            Started++;
        }

        protected internal override void Deliver(in RoutedMessage message, IOverlay overlay) => taken.Add((overlay.Self.Id, BitConverter.ToUInt64(message.Payload.Span)));

        protected internal override void Confirmed(ConfirmationId message, RouteOutcome outcome, IOverlay overlay) => Outcomes.Add((message, outcome));
    }
}
