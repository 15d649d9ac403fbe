using P2P.Past.Wire;
using P2P.Pastry;

namespace P2P.Past.Protocol;

/// <summary>Is one replica that this node is to hold, and who waits to hear of it.</summary>
internal sealed class StoreJob(
    FileCertificate certificate, ReadOnlyMemory<byte>? content, NodeHandle from, NodeHandle client, NodeHandle[] sources, bool isRepair, IOverlay overlay)
{
    private const int WaitersMax = 16;

    public Instant Since { get; } = overlay.Now;

    public Transfer Transfer { get; } = new(new KeepReplica(certificate, content, sources, isRepair), from.Id, client.Id, overlay.Self.Id);

    public KeepReplica Effect => Transfer.Effect;

    public FileCertificate Certificate => Transfer.Effect.Certificate;

    public FileId FileId => Certificate.FileId;

    /// <summary>Who asked.</summary>
    public NodeHandle From { get; } = from;

    /// <summary>How much its source is worth.</summary>
    public SourceStanding Standing { get; } = isRepair ? StandingOf(from, overlay) : SourceStanding.Client;

    /// <summary>Tells whether the replica is to be held in the stead of who asks.</summary>
    public bool IsForAnother { get; private init; }

    /// <summary>Tells whether maintenance brings the replica, whoever else waits for it.</summary>
    public bool IsRepair => Effect.IsRepair;

    /// <summary>What takes this one's place when it has ended.</summary>
    public StoreJob? Successor { get; set; }

    /// <summary>Tells whether it has a place, or waits for one, to be stored at this node.</summary>
    public bool IsQueued { get; set; }

    public List<(ulong Operation, NodeHandle Client)> Waiters { get; } = [];

    public static StoreJob For(StoreRequest request, NodeHandle from, IOverlay overlay) => request.Operation == 0
        ? new(request.Certificate, request.Content, from, from, SourcesOfRepair(from, request, overlay), isRepair: true, overlay)
        : new(request.Certificate, request.Content, from, request.Client, SourcesOf(from, request, overlay), isRepair: false, overlay);

    public static StoreJob For(DivertRequest request, NodeHandle from, IOverlay overlay) =>
        new(request.Certificate, request.Content, from, from, [from], request.IsRepair, overlay) { IsForAnother = true };

    /// <summary>Tells how much a node's word is worth where it brings a lost replica: neighbours are few, and keys of others are easily made.</summary>
    public static SourceStanding StandingOf(NodeHandle giver, IOverlay overlay) => Neighbors.Contains(giver, overlay) ? SourceStanding.Neighbor : SourceStanding.Stranger;

    /// <summary>
    /// Tells whether content is better fetched from another source: who inserts may take as long as the slowest transfer may, again and again, and would keep
    /// the replica from being made from those who hold the file.
    /// </summary>
    public bool YieldsTo(SourceStanding other) => Standing < other && Effect.Content is null && Successor is null;

    public void Await(ulong operation, NodeHandle client)
    {
        if (Waiters.Count < WaitersMax && !Waiters.Contains((operation, client)))
        {
            Waiters.Add((operation, client));
        }
    }

    /// <summary>Lets those wait for this one who have waited for another; to those of another certificate nothing is promised.</summary>
    public void TakeWaiters(StoreJob before, IOverlay overlay)
    {
        if (before.Certificate.Hash == Certificate.Hash)
        {
            before.Waiters.ForEach(waiter => Await(waiter.Operation, waiter.Client));
        }
        else
        {
            before.Reply(RefusalCode.Busy, receipt: null, overlay);
        }

        before.Waiters.Clear();
    }

    /// <summary>Tells all who wait how it ended.</summary>
    public void Reply(RefusalCode refusal, StoreReceipt? receipt, IOverlay overlay)
    {
        foreach (var (operation, client) in Waiters)
        {
            Reply(client, operation, FileId, refusal, receipt, overlay);
        }
    }

    /// <summary>Tells those for whom maintenance has brought a replica that it lies with a neighbour. For one who holds that very replica it counts no second time.</summary>
    public void ReplyToMaintenance(NodeHandle? holder, IOverlay overlay)
    {
        foreach (var (operation, client) in Waiters)
        {
            if (operation == 0)
            {
                var refusal = holder is null ? RefusalCode.Busy : client.Id == holder.Id ? RefusalCode.AlreadyHeld : RefusalCode.None;
                Reply(client, operation, FileId, refusal, receipt: null, overlay);
            }
        }

        Waiters.RemoveAll(static waiter => waiter.Operation == 0);
    }

    public void ReportProgress(IOverlay overlay)
    {
        foreach (var (operation, client) in Waiters)
        {
            if (operation != 0)
            {
                overlay.Send(client, Payload.FromContent(new StoreProgress(operation)));
            }
        }
    }

    public static void Reply(NodeHandle client, ulong operation, FileId fileId, RefusalCode refusal, StoreReceipt? receipt, IOverlay overlay) =>
        overlay.Send(client, Payload.FromContent(new StoreReply(operation, fileId, refusal, operation == 0 ? null : receipt)));

    /// <summary>
    /// Gives whom to fetch content from: who asks, and has the content or is getting it, and for a coordinator itself the client, who has sent it
    /// the request. Of another client nothing is known but what the coordinator says; it is the second choice where it is a neighbour, at the
    /// address that it has shown to this node.
    /// </summary>
    private static NodeHandle[] SourcesOf(NodeHandle from, StoreRequest request, IOverlay overlay) =>
        from.Id == overlay.Self.Id ? [request.Client]
        : from.Id == request.Client.Id ? [from]
        : Neighbors.Find(request.Client.Id, overlay) is { } client ? [from, client]
        : [from];

    /// <summary>
    /// Gives whom to fetch what is lost from: whom the giver names, where that is a neighbour, and the giver itself. It knows who died, which this
    /// node may be yet to find, and would wait for.
    /// </summary>
    private static NodeHandle[] SourcesOfRepair(NodeHandle from, StoreRequest request, IOverlay overlay) =>
        request.Client.Id != from.Id && Neighbors.Find(request.Client.Id, overlay) is { } source ? [source, from] : [from];
}

/// <summary>Tells how much a source of content is worth, the least first.</summary>
internal enum SourceStanding
{
    /// <summary>A client, or who fetches from one.</summary>
    Client,

    /// <summary>A node beyond the leaf set that says it holds the file.</summary>
    Stranger,

    /// <summary>A neighbour that says so.</summary>
    Neighbor,
}
