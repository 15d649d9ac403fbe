namespace P2P.Pastry.Transport.Tcp;

/// <summary>Counts the streams that are opened here: whoever opens one too many waits until another ends.</summary>
internal sealed class StreamSlots(int max, int maxPerPeer) : IDisposable
{
    private readonly Lock _gate = new();
    private readonly SemaphoreSlim _all = new(max);
    private readonly Dictionary<NodeId, PeerSlots> _peers = [];

    /// <summary>Waits for a slot; what is returned gives it back and is called once.</summary>
    public async Task<Action> EnterAsync(NodeId peer, CancellationToken cancellationToken)
    {
        var slots = Use(peer);
        try
        {
            await slots.Free.WaitAsync(cancellationToken).ConfigureAwait(false);
            try
            {
                await _all.WaitAsync(cancellationToken).ConfigureAwait(false);
            }
            catch
            {
                slots.Free.Release();
                throw;
            }
        }
        catch
        {
            Leave(peer, slots);
            throw;
        }

        return () =>
        {
            _all.Release();
            slots.Free.Release();
            Leave(peer, slots);
        };
    }

    public void Dispose() => _all.Dispose();

    private PeerSlots Use(NodeId peer)
    {
        lock (_gate)
        {
            if (!_peers.TryGetValue(peer, out var slots))
            {
                _peers[peer] = slots = new PeerSlots(new SemaphoreSlim(maxPerPeer));
            }

            slots.Users++;
            return slots;
        }
    }

    private void Leave(NodeId peer, PeerSlots slots)
    {
        lock (_gate)
        {
            if (--slots.Users == 0)
            {
                _peers.Remove(peer);
                slots.Free.Dispose();
            }
        }
    }

    private sealed class PeerSlots(SemaphoreSlim free)
    {
        public SemaphoreSlim Free { get; } = free;

        public int Users { get; set; }
    }
}
