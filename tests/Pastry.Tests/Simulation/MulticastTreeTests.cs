using P2P.Pastry;
using P2P.Pastry.Simulation;
using P2P.Pastry.Transport;
using Xunit.Abstractions;

namespace Pastry.Tests.Simulation;

/// <summary>A multicast tree of a page, with nothing of the overlay but what everybody has, mends itself.</summary>
public sealed class MulticastTreeTests(ITestOutputHelper output)
{
    private static readonly NodeId Key = NodeId.FromText("tests/group");

    [Theory]
    [InlineData(1, false)]
    [InlineData(2, true)]
    public void Tree_reaches_every_member_before_and_after_its_inner_nodes_crash(ulong seed, bool throughCodec)
    {
        output.WriteLine($"seed {seed}");
        var simulation = new PastrySimulation(new() { Seed = seed, ReportsPeerDown = true, ThroughCodec = throughCodec });
        Assert.True(simulation.Grow(120, applications: () => [new Group()]));
        SimulatedNode[] members = [.. simulation.Nodes.Where(node => node.Host % 2 == 0)];
        foreach (var member in members)
        {
            member.Post(member.Applications[0], Group.Join);
        }

        simulation.Run(TimeSpan.FromMinutes(1));
        Assert.Equal(members.Length, Multicast(simulation, members, number: 1));
        Assert.All(simulation.Nodes.Select(Of).Where(group => group.Parent is not null), group => Assert.True(group.ParentRoundTrip > TimeSpan.Zero));

        SimulatedNode[] inner = [.. simulation.Nodes.OrderByDescending(node => Of(node).Children.Count).ThenBy(node => node.Host).Take(10)];
        Assert.Contains(inner, node => Of(node).Parent is null);
        Array.ForEach(inner, node => node.Crash());
        simulation.Run(TimeSpan.FromMinutes(3));

        SimulatedNode[] living = [.. members.Except(inner)];
        Assert.Equal(living.Length, Multicast(simulation, living, number: 2));
        Assert.Contains(living, node => Of(node).NotSentCount > 0);
        Assert.DoesNotContain(living, node => Of(node).Parent is { } parent && inner.Any(dead => dead.Handle.Equals(parent)));
        Assert.DoesNotContain(living, node => Of(node).Children.Any(child => inner.Any(dead => dead.Handle.Equals(child))));
    }

    private static Group Of(SimulatedNode node) => (Group)node.Applications[0];

    private static int Multicast(PastrySimulation simulation, SimulatedNode[] members, byte number)
    {
        members[0].Post(members[0].Applications[0], number);
        simulation.Run(TimeSpan.FromSeconds(30));
        return members.Count(member => Of(member).Seen.Contains(number));
    }

    /// <summary>Grafts members where their requests to join meet the tree (as Scribe does), and prunes and regrafts what is told to be down.</summary>
    private sealed class Group() : PastryApplication(PastryApplicationId.FromName("tests/group"))
    {
        public const string Join = "join";

        private const byte JoinMessage = 0;
        private const byte AdoptMessage = 1;
        private const byte AliveMessage = 2;
        private const byte NewsMessage = 3;

        private bool _isMember;

        public HashSet<NodeHandle> Children { get; } = [];

        public HashSet<byte> Seen { get; } = [];

        public NodeHandle? Parent { get; private set; }

        public TimeSpan? ParentRoundTrip { get; private set; }

        public int NotSentCount { get; private set; }

        protected internal override bool Forward(ref ForwardedMessage message, IOverlay overlay)
        {
            if (message.Payload.Span[0] != JoinMessage || message.PreviousHop is not { } child)
            {
                return true;
            }

            var wasInTree = Children.Count > 0 || _isMember;
            Adopt(child, overlay);
            if (wasInTree && Parent is not null)
            {
                return false;
            }

            // The way to the root goes on from here, in this node's own name for the next one.
            return true;
        }

        protected internal override void Deliver(in RoutedMessage message, IOverlay overlay)
        {
            if (message.Payload.Span[0] == JoinMessage)
            {
                Assert.NotNull(message.Origin);
                Parent = null;
                return;
            }

            Spread(message.Payload, overlay);
        }

        protected internal override void Receive(NodeHandle from, in Payload payload, IOverlay overlay)
        {
            switch (payload.Span[0])
            {
                case AdoptMessage when !Children.Contains(from):
                    (Parent, ParentRoundTrip) = (from, overlay.RoundTripTo(from));
                    break;
                case AliveMessage:
                    Children.Add(from);
                    break;
                case NewsMessage:
                    Spread(payload, overlay);
                    break;
                default:
                    break;
            }
        }

        protected internal override void PeerDown(NodeHandle peer, IOverlay overlay)
        {
            Children.Remove(peer);
            if (Parent is { } parent && parent.Equals(peer))
            {
                Parent = null;
                Graft(overlay);
            }
        }

        protected internal override void NotSent(NodeHandle to, in Payload payload, SendStatus status, IOverlay overlay)
        {
            Assert.Equal(SendStatus.Unreachable, status);
            NotSentCount++;
            Children.Remove(to);
        }

        protected internal override void Expire(ulong token, IOverlay overlay)
        {
            if (Parent is { } parent)
            {
                overlay.Send(parent, Payload.FromBytes(new[] { AliveMessage }));
            }
            else
            {
                Graft(overlay);
            }

            overlay.SetTimer(token, overlay.Now + TimeSpan.FromSeconds(10));
        }

        protected internal override void Handle(object input, IOverlay overlay)
        {
            if (input is byte number)
            {
                overlay.Route(Key, Payload.FromBytes(new[] { NewsMessage, number }));
                return;
            }

            _isMember = true;
            Expire(token: 1, overlay);
        }

        private void Graft(IOverlay overlay)
        {
            if (_isMember || Children.Count > 0)
            {
                overlay.Route(Key, Payload.FromBytes(new[] { JoinMessage }), options: RouteOptions.WithOrigin);
            }
        }

        private void Adopt(NodeHandle child, IOverlay overlay)
        {
            if (Children.Add(child) && !_isMember && Children.Count == 1)
            {
                overlay.SetTimer(token: 1, overlay.Now + TimeSpan.FromSeconds(10));
            }

            overlay.Send(child, Payload.FromBytes(new[] { AdoptMessage }));
        }

        private void Spread(in Payload news, IOverlay overlay)
        {
            if (!Seen.Add(news.Span[1]))
            {
                return;
            }

            foreach (var child in Children.OrderBy(child => child.Id))
            {
                overlay.Send(child, news);
            }
        }
    }
}
