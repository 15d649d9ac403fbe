using System.Text;
using P2P.Pastry;
using P2P.Pastry.Simulation;
using P2P.Scribe;
using P2P.Scribe.Protocol;
using P2P.Scribe.Simulation;
using P2P.Scribe.Wire;

namespace Scribe.Tests.Simulation;

/// <summary>
/// Is a simulated ring with SCRIBE on every node, and a group. The oracle looks into every node: the tree is a tree and spans its members; members saw the
/// same in the same order.
/// </summary>
internal sealed class ScribeWorld
{
    public static readonly TimeSpan Limit = TimeSpan.FromMinutes(5);

    private readonly List<Member> _members = [];

    public ScribeWorld(int nodes, ulong seed, Func<ScribeSimulationOptions, ScribeSimulationOptions>? change = null)
    {
        var options = new ScribeSimulationOptions { Overlay = new PastrySimulationOptions { Seed = seed, ThroughCodec = nodes <= 100 } };
        Scribe = new ScribeSimulation(change?.Invoke(options) ?? options);
        Assert.True(Scribe.Grow(nodes), $"seed {seed}: the ring did not form");
        Creator = Overlay.NextKey();
    }

    public ScribeSimulation Scribe { get; }

    public PastrySimulation Overlay => Scribe.Overlay;

    public SigningKey Creator { get; }

    public IReadOnlyList<Member> Members => _members;

    public IEnumerable<Member> Alive => _members.Where(member => member.Node.IsUp);

    public string Seed => $"seed {Overlay.Seed}";

    public SimulatedNode Pick()
    {
        var ready = Overlay.ReadyNodes.ToArray();
        return ready[Overlay.NextRandom(ready.Length)];
    }

    public GroupCertificate Create(string name, GroupPolicy? policy = null)
    {
        var result = Scribe.Run(() => Scribe.ScribeOf(Pick()).CreateAsync(name, Creator, policy).AsTask(), Limit);
        return Assert.IsType<CreateResult.Created>(result).Certificate;
    }

    public Member Join(GroupId group, SimulatedNode? at = null, JoinOptions? options = null)
    {
        var node = at ?? PickOther();
        var result = Scribe.Run(() => Scribe.ScribeOf(node).JoinAsync(group, options).AsTask(), Limit);
        return Add(node, Assert.IsType<JoinResult.Joined>(result).Group);
    }

    /// <summary>Joins with several nodes at once.</summary>
    public void JoinMany(GroupId group, int count, Func<int, JoinOptions>? options = null)
    {
        var free = Overlay.ReadyNodes.Where(node => _members.TrueForAll(member => member.Node != node)).ToList();
        var nodes = new List<SimulatedNode>();
        while (nodes.Count < count)
        {
            var index = Overlay.NextRandom(free.Count);
            nodes.Add(free[index]);
            free.RemoveAt(index);
        }

        var results = Scribe.Run(() => Task.WhenAll(nodes.Select((node, i) => Scribe.ScribeOf(node).JoinAsync(group, options?.Invoke(i)).AsTask())), Limit);
        for (var i = 0; i < count; i++)
        {
            Add(nodes[i], Assert.IsType<JoinResult.Joined>(results[i]).Group);
        }
    }

    public PublishResult Publish(Member member, string text, DeliveryClass deliveryClass = DeliveryClass.Ordered, ulong key = 0) =>
        Scribe.Run(() => member.Group.PublishAsync(Encoding.UTF8.GetBytes(text), deliveryClass, key).AsTask(), Limit);

    /// <summary>Invites somebody in the creator's name.</summary>
    public GroupCapability Invite(GroupId group, PublicKey holder, GroupRights rights, TimeSpan lifetime) =>
        Scribe.Run(() => GroupCapability.IssueAsync(Creator, group, holder, rights, Overlay.Time.GetUtcNow() + lifetime).AsTask(), Limit);

    public void Run(double seconds) => Overlay.Run(TimeSpan.FromSeconds(seconds));

    public static ScribeMachine MachineOf(SimulatedNode node) => ((ScribeNode)node.Modules[0]).Machine;

    /// <summary>Makes a batch of one message, as its author's node does.</summary>
    public static SignedBatch Sign(GroupId group, SigningKey author, ulong number, BatchItem item, uint life = 1) => SignedBatch.CreateAsync(
        group, author.PublicKey, isOrdered: item.Class == DeliveryClass.Ordered, new GroupPosition(life, number), [item], capability: null,
        (purpose, body) => SignedStatement.SignAsync(author, purpose, body)).AsTask().GetAwaiter().GetResult();

    /// <summary>The live node whose place in the group's tree is the root.</summary>
    public SimulatedNode RootOf(GroupId group) =>
        Overlay.Nodes.Single(node => node.IsUp && MachineOf(node).Groups.Any(state => state.Id == group && state.Stage == TreeStage.Root));

    /// <summary>Lists what is wrong with the tree of a group: every live member's way up leads to the one root, and parents know their children.</summary>
    public IReadOnlyList<string> CheckTree(GroupId group)
    {
        var states = Overlay.Nodes.Where(node => node.IsUp)
            .Select(node => (node.Handle, State: MachineOf(node).Groups.FirstOrDefault(state => state.Id == group)))
            .Where(place => place.State is not null)
            .ToDictionary(place => place.Handle.Id, place => place.State!);
        var wrong = new List<string>();
        var roots = states.Where(place => place.Value.Stage == TreeStage.Root).Select(place => place.Key).ToArray();
        if (roots.Length != 1 || roots[0] != new RingOracle(Overlay).Root(group.Key).Id)
        {
            wrong.Add($"the roots are {string.Join(", ", roots)}");
        }

        foreach (var (id, state) in states)
        {
            var (above, steps) = (id, 0);
            while (states.TryGetValue(above, out var place) && place.Stage == TreeStage.Grafted && steps++ < states.Count)
            {
                if (!states.TryGetValue(place.Parent!.Id, out var parent) || parent.ChildIndex(above) < 0)
                {
                    wrong.Add($"{place.Parent.Id:s} does not know its child {above:s}");
                    break;
                }

                above = place.Parent.Id;
            }

            if (!roots.Contains(above))
            {
                wrong.Add($"from {id:s} ({state.Stage}) the way up ends at {above:s}");
            }

            foreach (var child in state.Children.Where(child => !states.TryGetValue(child.Node.Id, out var below) || below.Parent?.Id != id))
            {
                wrong.Add($"{id:s} has a child {child.Node.Id:s} that hangs elsewhere");
            }
        }

        wrong.AddRange(Alive.Where(member => member.Group.Id == group && !member.HasEnded && !states.ContainsKey(member.Node.Handle.Id)).Select(member => $"member {member.Node.Handle.Id:s} is in no tree"));
        return wrong;
    }

    private SimulatedNode PickOther()
    {
        while (true)
        {
            var node = Pick();
            if (_members.TrueForAll(member => member.Node != node))
            {
                return node;
            }
        }
    }

    private Member Add(SimulatedNode node, IGroup group)
    {
        var member = new Member(node, group);
        _members.Add(member);
        Scribe.Run(
            () =>
            {
                _ = member.ReadAsync();
                return Task.CompletedTask;
            },
            Limit);
        return member;
    }
}

/// <summary>Is a member of a group that notes what it sees.</summary>
internal sealed class Member(SimulatedNode node, IGroup group)
{
    public SimulatedNode Node => node;

    public IGroup Group => group;

    public List<string> Ordered { get; } = [];

    public List<string> Loose { get; } = [];

    public List<GroupEvent> Others { get; } = [];

    /// <summary>Whether no event follows.</summary>
    public bool HasEnded { get; private set; }

    public async Task ReadAsync()
    {
        await foreach (var happened in group.EventsAsync().ConfigureAwait(false))
        {
            if (happened is GroupEvent.Received received)
            {
                var text = Encoding.UTF8.GetString(received.Message.Content.Span);
                (received.Message.Class == DeliveryClass.Ordered ? Ordered : Loose).Add(text);
            }
            else
            {
                Others.Add(happened);
            }
        }

        HasEnded = true;
    }
}
