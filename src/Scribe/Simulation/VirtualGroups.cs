using P2P.Pastry;
using P2P.Pastry.Simulation;

namespace P2P.Scribe.Simulation;

/// <summary>
/// Runs SCRIBE with messages that say nothing, in virtual time and on the calling thread: a hundred thousand nodes in thousands of groups, to evaluate trees and
/// what becomes of them. The same seed and the same calls give the same run.
/// </summary>
/// <remarks>
/// Overlay and protocol are those of live nodes: joins, trees, rendezvous points, order, replay. What is left out is what the protocol doesn't look at: messages have no content,
/// each is a batch of its own, and the certificates of groups are taken for right. Where applications are tested, use <see cref="ScribeSimulation"/>.
/// </remarks>
/// <example>
/// <code>
/// var groups = new VirtualGroups();
/// groups.Grow(1000);
/// var group = groups.Create("games", ended: created =&gt; Console.WriteLine(created));
/// groups.Join(groups.Overlay.Nodes[7], group, joined =&gt; Console.WriteLine(joined));
/// groups.Overlay.Run(TimeSpan.FromSeconds(10));
/// </code>
/// </example>
public sealed class VirtualGroups
{
    private readonly VirtualGroupsOptions _options;
    private readonly Dictionary<GroupId, GroupCertificate> _certificates = [];
    private readonly HashSet<(NodeId Node, GroupId Group, NodeId Author, GroupPosition AuthorPosition)> _replayed = [];
    private readonly SigningKey _creator;
    private ulong _lastOperation;

    /// <summary>Makes an empty world.</summary>
    /// <exception cref="ScribeException">An option is outside of its range.</exception>
    public VirtualGroups(VirtualGroupsOptions? options = null)
    {
        _options = options ?? new();
        _options.Scribe.Validate();
        Overlay = new PastrySimulation(_options.Overlay);
        _creator = Overlay.NextKey();
    }

    /// <summary>The overlay: its nodes, its network, its time. Nodes crash, leave and sleep by their own methods.</summary>
    public PastrySimulation Overlay { get; }

    internal VirtualGroupsOptions Options => _options;

    /// <summary>Adds nodes and lets them join the ring, and returns when all are ready.</summary>
    /// <returns>False where they did not all become ready within an hour of virtual time each.</returns>
    public bool Grow(int count) => Overlay.Grow(count, () => [new VirtualMember(this, _replayed)]);

    /// <summary>Begins a group, from a node that is drawn by the seed.</summary>
    /// <param name="name">The group's textual name.</param>
    /// <param name="policy">How it works.</param>
    /// <param name="ended">Is told, in an event of its own, whether it has begun.</param>
    /// <exception cref="InvalidOperationException">No node is ready.</exception>
    public GroupId Create(string name, GroupPolicy? policy = null, Action<bool>? ended = null)
    {
        var creation = GroupCertificate.CreateAsync(name, _creator, policy ?? new(), DateTimeOffset.UnixEpoch + Overlay.Now.SinceStart);
        var certificate = creation.AsTask().GetAwaiter().GetResult();
        _certificates[certificate.Id] = certificate;
        MemberOf(AnyNode()).Create(certificate, ended ?? (static _ => { }));
        return certificate.Id;
    }

    /// <summary>Makes a node a member of a group.</summary>
    /// <param name="node">A node that is up.</param>
    /// <param name="group">The group.</param>
    /// <param name="ended">Is told, in an event of its own, whether it is one.</param>
    /// <exception cref="ArgumentException">The node is down or none of this world's.</exception>
    public void Join(SimulatedNode node, GroupId group, Action<bool> ended)
    {
        ArgumentNullException.ThrowIfNull(ended);
        MemberOf(node).Join(group, ended);
    }

    /// <summary>Ends a membership.</summary>
    /// <exception cref="ArgumentException">The node is down or none of this world's.</exception>
    public void Leave(SimulatedNode node, GroupId group) => MemberOf(node).Leave(group);

    /// <summary>Publishes an ordered message from a node, in that node's name.</summary>
    /// <param name="node">A node that is up.</param>
    /// <param name="group">The group.</param>
    /// <param name="ended">Is told, in an event of its own, the message's place in the order; null where it was refused, or nobody has answered in time.</param>
    /// <returns>Which of the node's messages in the group it is, from 1.</returns>
    /// <exception cref="ArgumentException">The node is down or none of this world's.</exception>
    public ulong Publish(SimulatedNode node, GroupId group, Action<GroupPosition?>? ended = null) => MemberOf(node).Publish(group, ended ?? (static _ => { }));

    /// <summary>Lets a node do wrong from now on, or right again.</summary>
    /// <exception cref="ArgumentException">The node is down or none of this world's.</exception>
    public void Misbehave(SimulatedNode node, Misbehavior misbehavior) => MemberOf(node).Machine.Misbehavior = misbehavior;

    /// <summary>Lists a node's places in the trees of groups; none where it is down.</summary>
    public IReadOnlyList<TreePlace> PlacesOf(SimulatedNode node)
    {
        ArgumentNullException.ThrowIfNull(node);
        return node is { IsUp: true, Modules: [VirtualMember member, ..] } && member.World == this ? member.Places : [];
    }

    /// <summary>
    /// Counts the messages with what members have published that a node has sent and got in this life: publications, those that go along the trees, those that are sent
    /// again, and copies for the nodes next to a rendezvous point.
    /// </summary>
    /// <exception cref="ArgumentException">The node is down or none of this world's.</exception>
    public (long Sent, long Received) CountMessages(SimulatedNode node)
    {
        var counts = MemberOf(node).Machine.Counts!;
        return (counts.SentCount, counts.ReceivedCount);
    }

    /// <summary>Draws a node that is ready, by the seed.</summary>
    /// <exception cref="InvalidOperationException">No node is ready.</exception>
    public SimulatedNode AnyNode()
    {
        // Nearly all are, as a rule; where they are not, whoever is has to be looked for.
        for (var draw = 0; draw < 16 && Overlay.Nodes.Count > 0; draw++)
        {
            if (Overlay.Nodes[Overlay.NextRandom(Overlay.Nodes.Count)] is { IsReady: true } node)
            {
                return node;
            }
        }

        var ready = Overlay.ReadyNodes.ToArray();
        return ready.Length > 0 ? ready[Overlay.NextRandom(ready.Length)] : throw new InvalidOperationException("No node is ready: grow the ring first.");
    }

    internal ulong NextOperation() => ++_lastOperation;

    private VirtualMember MemberOf(SimulatedNode node)
    {
        ArgumentNullException.ThrowIfNull(node);
        return node.Modules is [VirtualMember member, ..] && member.World == this
            ? member
            : throw new ArgumentException($"Node {node.Handle} has no SCRIBE here now: it is down, or was added without it.", nameof(node));
    }
}
