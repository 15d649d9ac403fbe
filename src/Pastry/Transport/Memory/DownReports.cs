using P2P.Pastry.Transport.Tcp;

namespace P2P.Pastry.Transport.Memory;

/// <summary>Reports peers that are down, in order and never from within a call of the transport's user.</summary>
internal sealed class DownReports(TaskSet tasks, Func<HandlerGuard?> handler)
{
    private readonly Lock _gate = new();
    private readonly Queue<(NodeHandle Peer, PeerDownReason Reason)> _waiting = new();
    private readonly HashSet<NodeId> _peers = [];
    private bool _running;

    /// <summary>Adds a report, unless one about the same peer is waiting.</summary>
    public void Add(NodeHandle peer, PeerDownReason reason)
    {
        lock (_gate)
        {
            if (!_peers.Add(peer.Id))
            {
                return;
            }

            _waiting.Enqueue((peer, reason));
            if (!_running)
            {
                _running = true;
                tasks.Run(ReportAllAsync);
            }
        }
    }

    private Task ReportAllAsync()
    {
        while (true)
        {
            (NodeHandle Peer, PeerDownReason Reason) next;
            lock (_gate)
            {
                if (!_waiting.TryDequeue(out next))
                {
                    _running = false;
                    return Task.CompletedTask;
                }

                _peers.Remove(next.Peer.Id);
            }

            handler()?.PeerDown(next.Peer, next.Reason);
        }
    }
}
