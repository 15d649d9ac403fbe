
namespace P2P.Pastry.Transport.Tcp;

/// <summary>
/// Keeps the control connections, one for each pair of hosts. Where two came to be, because both hosts dialled at once or one didn't know
/// whom it would reach, the host with the smaller fingerprint retires all but the newest, and the other follows.
/// </summary>
internal sealed class ConnectionTable(HostContext host, RouteTable routes, PeerNeeds needs, TaskSet tasks) : IConnectionOwner
{
    /// <summary>How long the dials of both hosts may take to cross. What is older and doubled may be dead at the other end.</summary>
    private static readonly TimeSpan Crossing = TimeSpan.FromSeconds(30);

    private readonly Lock _gate = new();
    private readonly Dictionary<Fingerprint, List<ControlConnection>> _byHost = [];
    private int _open;
    private bool _closing;

    /// <summary>How many connections there are, with those that are about to end.</summary>
    public int Count => Volatile.Read(ref _open);

    /// <summary>Takes over a connection whose far end is proven; false if the transport is closing, and then it is closed.</summary>
    public bool TryAdd(SecureChannel channel, HostProof proof)
    {
        var connection = new ControlConnection(host, channel, proof, this);
        ControlConnection[] rivals;
        (ControlConnection? Evicted, ControlConnection? Cut) crowd;
        lock (_gate)
        {
            if (_closing)
            {
                connection.Abort();
                return false;
            }

            var siblings = _byHost.TryGetValue(channel.Host, out var known) ? known : _byHost[channel.Host] = [];
            rivals = [.. siblings.Where(sibling => !sibling.IsRetired)];
            siblings.Add(connection);
            _open++;
            crowd = _open > host.Options.ConnectionsMax ? FindSuperfluous() : default;
        }

        host.Metrics.ConnectionOpened(connection.Version);
        host.Logger.Connected(channel.Host, connection.Proven.Count, channel.InitiatedHere);
        connection.Announce();
        Attach(connection, yields: !Settle(connection, rivals));
        tasks.Run(() => RunAsync(connection));
        if (crowd.Evicted is not null)
        {
            host.Metrics.ConnectionEvicted();
            Retire(crowd.Evicted);
        }

        crowd.Cut?.Cut();

        return true;
    }

    /// <summary>Tells all hosts that are connected what changed about the local nodes.</summary>
    public void Announce()
    {
        foreach (var connection in Snapshot())
        {
            connection.Announce();
        }
    }

    /// <summary>Ends what has been idle, is stalled, or lives on delegations that ran out.</summary>
    public void Sweep()
    {
        foreach (var connection in Snapshot())
        {
            if (connection.ForgetExpired())
            {
                // Whoever goes on without knowing that it ran out learns it when it dials anew.
                Retire(connection);
            }

            if (connection.WriteStarted is var since and not 0 && host.Time.GetElapsedTime(since) >= host.Options.StallTimeout)
            {
                connection.Abort();
            }
            else if (!connection.IsRetired && host.Time.GetElapsedTime(connection.LastActivity) >= host.Options.IdleTimeout)
            {
                Retire(connection);
            }
        }
    }

    /// <summary>Lists the versions that are spoken on the connections that there are, each once for each of them.</summary>
    public IReadOnlyList<int> Versions => [.. Snapshot().Where(connection => !connection.IsRetired).Select(connection => connection.Version)];

    /// <summary>Takes no new connections.</summary>
    public void Close()
    {
        lock (_gate)
        {
            _closing = true;
        }
    }

    /// <summary>Says farewell on all connections.</summary>
    public void RetireAll()
    {
        foreach (var connection in Snapshot())
        {
            Retire(connection);
        }
    }

    /// <summary>Completes when all connections that there are now have ended.</summary>
    public Task WhenEmptyAsync() => Task.WhenAll(Snapshot().Select(connection => connection.Ended));

    /// <summary>Closes all connections at once, without a farewell.</summary>
    public void AbortAll()
    {
        foreach (var connection in Snapshot())
        {
            connection.Abort();
        }
    }

    public void NodeProven(ControlConnection connection, ushort index, NodeHandle node) => Attach(connection, index, node, yields: false);

    public void NodeGone(ControlConnection connection, NodeHandle node) => routes.Detach(connection, node.Id);

    public void FarewellReceived(ControlConnection connection) => Retire(connection);

    /// <summary>Decides between a new connection and those that there are with the same host; true if messages go over the new one.</summary>
    private bool Settle(ControlConnection connection, ControlConnection[] rivals)
    {
        var decides = host.Identity.Id.CompareTo(connection.Host) < 0;
        var uses = true;
        foreach (var rival in rivals)
        {
            if (rival.Session != connection.Session)
            {
                rival.Supersede();
            }
            else if (decides)
            {
                connection.HoldUntil(rival.Ended);
                Retire(rival);
            }
            else if (host.Time.GetElapsedTime(rival.Established) < Crossing)
            {
                // The other host is about to say which one stays; until then messages keep their way, if they have one, and so their order.
                uses = false;
            }
        }

        return uses;
    }

    private void Attach(ControlConnection connection, bool yields)
    {
        foreach (var (index, delegation) in connection.Proven)
        {
            Attach(connection, index, delegation.Node, yields);
        }
    }

    private void Attach(ControlConnection connection, ushort index, NodeHandle node, bool yields)
    {
        // Nobody takes a node of this host away from it, even with its key.
        if (!connection.IsRetired && host.Nodes.Find(node.Id) is null)
        {
            routes.Attach(connection, index, node, yields);
        }
    }

    private void Retire(ControlConnection connection)
    {
        var heir = Heir(connection);
        if (!connection.IsRetired)
        {
            heir?.HoldUntil(connection.Ended);
        }

        Detach(connection, heir);
        connection.Retire();
    }

    private void Detach(ControlConnection connection, ControlConnection? heir)
    {
        foreach (var (_, delegation) in connection.Proven)
        {
            routes.Detach(connection, delegation.Node.Id, heir is null ? null : TargetOn(heir, delegation.Node.Id));
        }
    }

    private static RouteTarget? TargetOn(ControlConnection connection, NodeId id)
    {
        foreach (var (index, delegation) in connection.Proven)
        {
            if (delegation.Node.Id == id)
            {
                return new RouteTarget(connection, index, delegation.Node);
            }
        }

        return null;
    }

    private async Task RunAsync(ControlConnection connection)
    {
        var end = ConnectionEnd.Lost;
        try
        {
            end = await connection.RunAsync().ConfigureAwait(false);
        }
        finally
        {
            var heir = Heir(connection);
            Remove(connection);
            Detach(connection, heir);
            host.Metrics.ConnectionClosed(connection.Version);
        }

        host.Logger.Disconnected(connection.Host, end);
        if (end == ConnectionEnd.Lost)
        {
            foreach (var (_, delegation) in connection.Proven)
            {
                if (!routes.IsReachable(delegation.Node.Id))
                {
                    host.Handler.PeerDown(delegation.Node, PeerDownReason.ConnectionLost);
                }
            }
        }
    }

    private void Remove(ControlConnection connection)
    {
        lock (_gate)
        {
            var siblings = _byHost[connection.Host];
            siblings.Remove(connection);
            if (siblings.Count == 0)
            {
                _byHost.Remove(connection.Host);
            }

            _open--;
        }
    }

    private ControlConnection? Heir(ControlConnection connection)
    {
        lock (_gate)
        {
            return _byHost.TryGetValue(connection.Host, out var siblings)
                ? siblings.LastOrDefault(sibling => sibling != connection && !sibling.IsRetired)
                : null;
        }
    }

    /// <summary>
    /// Gives the least useful connection, which may be the newest, if there are too many that are not about to end; and if too many are about to end, the one
    /// whose peer has had the most time for its farewell: strangers who never say theirs must not keep the door shut.
    /// </summary>
    private (ControlConnection? Evicted, ControlConnection? Cut) FindSuperfluous()
    {
        var (lasting, evicted, leastUse) = (0, (ControlConnection?)null, default(ConnectionUse));
        var (ending, cut) = (0, (ControlConnection?)null);
        foreach (var connection in _byHost.Values.SelectMany(siblings => siblings))
        {
            if (connection.IsRetired)
            {
                if (!connection.IsCut)
                {
                    ending++;
                    cut = cut is null || connection.RetiredAt < cut.RetiredAt ? connection : cut;
                }

                continue;
            }

            lasting++;
            var use = connection.UseBy(needs);
            if (evicted is null || EvictionPolicy.Compare(use, leastUse) < 0)
            {
                (evicted, leastUse) = (connection, use);
            }
        }

        return (lasting > host.Options.ConnectionsMax ? evicted : null, ending > host.Options.ConnectionsMax / 2 ? cut : null);
    }

    private ControlConnection[] Snapshot()
    {
        lock (_gate)
        {
            return [.. _byHost.Values.SelectMany(siblings => siblings)];
        }
    }
}
