using System.Diagnostics.CodeAnalysis;
using P2P.Pastry;

namespace P2P.Past.Protocol;

/// <summary>
/// Bounds transfers of one sort: how many go on at a time, of these how many of one peer and of one owner, and how many wait. Those that wait
/// take turns by who asked for them.
/// </summary>
/// <param name="activeMax">How many go on at a time.</param>
/// <param name="peerActiveMax">How many of these the same peer has asked for, or is the client of.</param>
/// <param name="ownerActiveMax">How many of these are of the same owner's files.</param>
internal sealed class TransferLane(int activeMax, int peerActiveMax, int ownerActiveMax)
{
    /// <summary>How many bytes may wait: certificates, and content that has come with them. A peer may have half of it.</summary>
    private const long WaitingBytesMax = 128L << 20;

    private const long PeerWaitingBytesMax = WaitingBytesMax / 2;

    private readonly FairQueue<TransferLine, Transfer> _waiting = new();
    private readonly Tally _waitingCounts = new();
    private readonly Tally _waitingBytes = new();
    private readonly Tally _activeOfPeers = new();
    private readonly Tally _activeOfOwners = new();
    private readonly HashSet<Transfer> _active = [];
    private long _bytes;

    public int WaitingCount => _waiting.Count;

    public int WaitingCountOf(NodeId peer) => (int)_waitingCounts[peer];

    public bool HasRoom(Transfer transfer, int waitingMax, int peerWaitingMax) =>
        _waiting.Count < waitingMax && _bytes + transfer.Bytes <= WaitingBytesMax
        && Array.TrueForAll(
            transfer.Line.Peers,
            peer => _waitingCounts[peer] < peerWaitingMax && _waitingBytes[peer] + transfer.Bytes <= PeerWaitingBytesMax);

    public void Enqueue(Transfer transfer)
    {
        _waiting.Enqueue(transfer.Line, transfer);
        CountWaiting(transfer, 1);
    }

    /// <summary>Takes the next transfer that may go on.</summary>
    public bool TryStart([MaybeNullWhen(false)] out Transfer transfer)
    {
        if (_active.Count >= activeMax || !_waiting.TryDequeue(MayStart, out transfer))
        {
            transfer = null;
            return false;
        }

        CountWaiting(transfer, -1);
        _active.Add(transfer);
        CountActive(transfer, 1);
        return true;
    }

    public void End(Transfer transfer)
    {
        if (_active.Remove(transfer))
        {
            CountActive(transfer, -1);
        }
    }

    private bool MayStart(TransferLine line) =>
        _activeOfOwners[line.Owner] < ownerActiveMax && Array.TrueForAll(line.Peers, peer => _activeOfPeers[peer] < peerActiveMax);

    private void CountWaiting(Transfer transfer, int sign)
    {
        _bytes += sign * transfer.Bytes;
        foreach (var peer in transfer.Line.Peers)
        {
            _waitingCounts.Add(peer, sign);
            _waitingBytes.Add(peer, sign * transfer.Bytes);
        }
    }

    private void CountActive(Transfer transfer, int sign)
    {
        _activeOfOwners.Add(transfer.Line.Owner, sign);
        foreach (var peer in transfer.Line.Peers)
        {
            _activeOfPeers.Add(peer, sign);
        }
    }
}

/// <summary>Is the storing of one replica, and for whom it is done.</summary>
internal sealed class Transfer(KeepReplica effect, NodeId from, NodeId client, NodeId self)
{
    public KeepReplica Effect { get; } = effect;

    public TransferLine Line { get; } = new(from, client, effect.Certificate.Owner.NodeId, self);

    public long Bytes { get; } = effect.Certificate.Encoded.Length + (effect.Content?.Length ?? 0);
}

/// <summary>Tells who has asked for a transfer, for which client, of whose file.</summary>
internal readonly record struct TransferLine(NodeId From, NodeId Client, NodeId Owner, NodeId Self)
{
    /// <summary>The peers to whose account it goes; what this node does for itself goes to nobody's.</summary>
    public NodeId[] Peers =>
        From == Client || Client == Self ? OthersOf(From) : From == Self ? [Client] : [From, Client];

    private NodeId[] OthersOf(NodeId node) => node == Self ? [] : [node];
}
