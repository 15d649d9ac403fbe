using P2P.Pastry;

namespace P2P.Past.Protocol;

/// <summary>
/// Remembers for a while which files have been offered to whom, or asked of whom, so that no transfer is made on a peer's word alone. At the
/// bound, the oldest entry goes; its transfer waits for the next round.
/// </summary>
internal sealed class TransferTable(int max, TimeSpan lifetime)
{
    private readonly Dictionary<(NodeId Peer, FileId FileId), Instant> _dues = [];
    private readonly Queue<((NodeId Peer, FileId FileId) Transfer, Instant Due)> _byAge = [];

    public int Count => _dues.Count;

    public void Add(NodeId peer, FileId fileId, Instant now)
    {
        Forget(now);
        while (_byAge.Count >= max)
        {
            ForgetOldest();
        }

        var due = now + lifetime;
        _dues[(peer, fileId)] = due;
        _byAge.Enqueue(((peer, fileId), due));
    }

    /// <summary>Takes an entry out.</summary>
    /// <returns>False where there is none, or it is too old.</returns>
    public bool Take(NodeId peer, FileId fileId, Instant now)
    {
        Forget(now);
        return _dues.Remove((peer, fileId));
    }

    private void Forget(Instant now)
    {
        while (_byAge.TryPeek(out var oldest) && oldest.Due <= now)
        {
            ForgetOldest();
        }
    }

    private void ForgetOldest()
    {
        // An entry may have been taken, or been made anew with a later end.
        var (transfer, due) = _byAge.Dequeue();
        if (_dues.TryGetValue(transfer, out var current) && current == due)
        {
            _dues.Remove(transfer);
        }
    }
}
