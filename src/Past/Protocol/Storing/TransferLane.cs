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
        && HasRoom(transfer.Line.Peer, transfer.Bytes, peerWaitingMax) && HasRoom(transfer.Line.OtherPeer, transfer.Bytes, peerWaitingMax);

    public void Enqueue(Transfer transfer)
    {
        _waiting.Enqueue(transfer.Line, transfer);
        CountWaiting(transfer, 1);
    }

    /// <summary>Lets a transfer go on at once, where nobody waits and it may.</summary>
    public bool TryStart(Transfer transfer)
    {
        if (_waiting.Count > 0 || _active.Count >= activeMax || !MayStart(transfer.Line))
        {
            return false;
        }

        _active.Add(transfer);
        CountActive(transfer, 1);
        return true;
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

    /// <summary>Takes back a transfer that waits.</summary>
    /// <returns>False where it does not.</returns>
    public bool TryWithdraw(Transfer transfer)
    {
        if (!_waiting.Remove(transfer.Line, transfer))
        {
            return false;
        }

        CountWaiting(transfer, -1);
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
        _activeOfOwners[line.Owner] < ownerActiveMax && MayStart(line.Peer) && MayStart(line.OtherPeer);

    private bool MayStart(NodeId? peer) => peer is not { } node || _activeOfPeers[node] < peerActiveMax;

    private bool HasRoom(NodeId? peer, long bytes, int waitingMax) =>
        peer is not { } node || (_waitingCounts[node] < waitingMax && _waitingBytes[node] + bytes <= PeerWaitingBytesMax);

    private void CountWaiting(Transfer transfer, int sign)
    {
        _bytes += sign * transfer.Bytes;
        CountWaiting(transfer.Line.Peer, transfer.Bytes, sign);
        CountWaiting(transfer.Line.OtherPeer, transfer.Bytes, sign);
    }

    private void CountWaiting(NodeId? peer, long bytes, int sign)
    {
        if (peer is { } node)
        {
            _waitingCounts.Add(node, sign);
            _waitingBytes.Add(node, sign * bytes);
        }
    }

    private void CountActive(Transfer transfer, int sign)
    {
        _activeOfOwners.Add(transfer.Line.Owner, sign);
        CountActive(transfer.Line.Peer, sign);
        CountActive(transfer.Line.OtherPeer, sign);
    }

    private void CountActive(NodeId? peer, int sign)
    {
        if (peer is { } node)
        {
            _activeOfPeers.Add(node, sign);
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
    /// <summary>The peer to whose account it goes; null where this node does it for itself.</summary>
    public NodeId? Peer => From != Self ? From : Client != Self ? Client : null;

    /// <summary>The other peer to whose account it goes: the client, where another node asks for it.</summary>
    public NodeId? OtherPeer => From != Self && Client != Self && Client != From ? Client : null;
}
