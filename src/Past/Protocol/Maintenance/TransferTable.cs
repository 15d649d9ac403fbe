using P2P.Pastry;

namespace P2P.Past.Protocol;

/// <summary>
/// Remembers for a while which files have been offered to whom, or asked of whom, so that no transfer is made on a peer's word alone. At a
/// peer's bound, the oldest of its own entries goes, and at the common one, the oldest of the peer that has the most: nobody pushes out what
/// others wait for. The transfer of such an entry waits for the next round.
/// </summary>
internal sealed class TransferTable(int max, int peerMax, TimeSpan lifetime)
{
    private readonly Dictionary<NodeId, Entries> _peers = [];

    public int Count { get; private set; }

    public int CountOf(NodeId peer) => _peers.TryGetValue(peer, out var entries) ? entries.Count : 0;

    public void Add(NodeId peer, FileId fileId, Instant now)
    {
        if (Count >= max)
        {
            Forget(now);
        }

        var entries = Of(peer, now);
        while (entries.Remembered >= peerMax)
        {
            Count -= entries.ForgetOldest();
        }

        while (Count >= max)
        {
            Count -= _peers.Values.MaxBy(other => other.Count)!.ForgetOldest();
        }

        Count += entries.Add(fileId, now + lifetime);
        _peers[peer] = entries;
    }

    /// <summary>Takes an entry out.</summary>
    /// <returns>False where there is none, or it is too old.</returns>
    public bool Take(NodeId peer, FileId fileId, Instant now)
    {
        var entries = Of(peer, now);
        var taken = entries.Take(fileId);
        Count -= taken ? 1 : 0;
        if (entries.Count == 0)
        {
            _peers.Remove(peer);
        }

        return taken;
    }

    /// <summary>Forgets what is too old.</summary>
    public void Forget(Instant now)
    {
        foreach (var (peer, entries) in _peers)
        {
            Count -= entries.Forget(now);
            if (entries.Count == 0)
            {
                _peers.Remove(peer);
            }
        }
    }

    private Entries Of(NodeId peer, Instant now)
    {
        if (!_peers.TryGetValue(peer, out var entries))
        {
            return new Entries();
        }

        Count -= entries.Forget(now);
        return entries;
    }

    /// <summary>Is what one peer has.</summary>
    private sealed class Entries
    {
        private readonly Dictionary<FileId, Instant> _dues = [];
        private readonly Queue<(FileId FileId, Instant Due)> _byAge = [];

        public int Count => _dues.Count;

        /// <summary>How many entries take memory, those that have been taken out among them.</summary>
        public int Remembered => _byAge.Count;

        /// <returns>How many entries there are more.</returns>
        public int Add(FileId fileId, Instant due)
        {
            var before = _dues.Count;
            _dues[fileId] = due;
            _byAge.Enqueue((fileId, due));
            return _dues.Count - before;
        }

        public bool Take(FileId fileId) => _dues.Remove(fileId);

        /// <returns>How many entries there are less.</returns>
        public int Forget(Instant now)
        {
            var ended = 0;
            while (_byAge.TryPeek(out var oldest) && oldest.Due <= now)
            {
                ended += ForgetOldest();
            }

            return ended;
        }

        /// <returns>How many entries there are less.</returns>
        public int ForgetOldest()
        {
            // An entry may have been taken, or been made anew with a later end.
            var (fileId, due) = _byAge.Dequeue();
            return _dues.TryGetValue(fileId, out var current) && current == due && _dues.Remove(fileId) ? 1 : 0;
        }
    }
}
