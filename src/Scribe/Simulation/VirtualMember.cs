using P2P.Pastry;
using P2P.Pastry.Simulation;
using P2P.Scribe.Protocol;
using P2P.Scribe.Wire;

namespace P2P.Scribe.Simulation;

/// <summary>Carries out what the machine of one life of a node wants, at once: there is nothing to verify but what somebody has altered.</summary>
internal sealed class VirtualMember : IPastryModule
{
    private readonly HashSet<(NodeId Node, GroupId Group, NodeId Author, GroupPosition AuthorPosition)> _replayed;
    private readonly Dictionary<ulong, Action<bool>> _operations = [];
    private Dictionary<GroupId, Authorship>? _published;
    private SimulatedNode? _node;
    private INodePort? _port;

    public VirtualMember(VirtualGroups world, HashSet<(NodeId Node, GroupId Group, NodeId Author, GroupPosition AuthorPosition)> replayed)
    {
        World = world;
        _replayed = replayed;
        Machine = new SimulatedMachine(world.Options.Scribe) { Counts = new BatchCounts(replayed) };
    }

    public VirtualGroups World { get; }

    public SimulatedMachine Machine { get; }

    public PastryApplication Application => Machine;

    public IReadOnlyList<TreePlace> Places =>
        [.. Machine.Groups.Select(group => new TreePlace(
            group.Id,
            group.Stage == TreeStage.Root,
            group.Stage == TreeStage.Grafted ? group.Parent : null,
            [.. group.Children.Select(child => child.Node)],
            group.IsMember))];

    private SimulatedNode Node => _node ??= World.Overlay.Find(_port!.Handle.Id)!;

    public void Attach(INodePort port) => _port = port;

    public void Create(GroupCertificate certificate, Action<bool> ended)
    {
        var operation = Begin(ended);
        Tell(new CreateGroup(operation, certificate));
    }

    public void Join(GroupId group, Action<bool> ended)
    {
        var operation = Begin(ended);
        Tell(new JoinGroup(operation, group, Capability: null, History: default, TakesAnycasts: false));
    }

    public void Leave(GroupId group) => Tell(new LeaveGroup(group, TakesAnycasts: false));

    public ulong Publish(GroupId group, Action<GroupPosition?> ended)
    {
        _published ??= [];
        if (!_published.TryGetValue(group, out var authorship))
        {
            _published.Add(group, authorship = new Authorship(BatchSigner.Of(_port!), (uint)_port!.Time.GetUtcNow().ToUnixTimeSeconds()));
        }

        var position = new GroupPosition(authorship.Epoch, ++authorship.Last);
        authorship.Waiting.Add(position, ended);
        var creation = SignedBatch.CreateAsync(
            group, authorship.Signer.PublicKey, isOrdered: true, position, [new BatchItem(DeliveryClass.Ordered, 0, new byte[1])], capability: null, authorship.Signer.SignAsync);
        Tell(new PublishBatch(creation.AsTask().GetAwaiter().GetResult()));
        return position.Number;
    }

    public void Perform(object effect)
    {
        switch ((ScribeEffect)effect)
        {
            case Verify verify:
                Tell(new Verified(verify.Ticket, verify.Statement is not SignedBatch batch || batch.Verify()));
                break;
            case Deliver { Batch: var message } when World.Options.Delivered is { } delivered:
                var author = message.Batch.Author.NodeId;
                var isReplayed = _replayed.Count > 0 && Machine.Counts!.IsReplayed(Node.Handle.Id, message.Batch);
                delivered(Node, new VirtualDelivery(message.Batch.Group, author, message.Batch.AuthorPosition.Number, message.Position, isReplayed));
                break;
            case CreateEnded ended:
                End(ended.Operation, ended.Outcome == CreateOutcome.Created);
                break;
            case JoinEnded ended:
                End(ended.Operation, ended.Outcome == JoinOutcome.Grafted);
                break;
            case PublicationEnded ended when _published?.GetValueOrDefault(ended.Group)?.Waiting.Remove(ended.AuthorPosition, out var waiting) == true:
                GroupPosition? place = ended.Outcome == PublicationOutcome.Taken ? ended.Position : null;
                World.Overlay.Schedule(TimeSpan.Zero, () => waiting(place));
                break;
            default:
                break;
        }
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private ulong Begin(Action<bool> ended)
    {
        var operation = World.NextOperation();
        _operations.Add(operation, ended);
        return operation;
    }

    private void End(ulong operation, bool outcome)
    {
        if (_operations.Remove(operation, out var ended))
        {
            World.Overlay.Schedule(TimeSpan.Zero, () => ended(outcome));
        }
    }

    private void Tell(ScribeInput input) => Node.Post(Machine, input);

    private sealed class Authorship(BatchSigner signer, uint epoch)
    {
        public BatchSigner Signer => signer;

        public uint Epoch => epoch;

        public ulong Last { get; set; }

        public Dictionary<GroupPosition, Action<GroupPosition?>> Waiting { get; } = [];
    }
}
