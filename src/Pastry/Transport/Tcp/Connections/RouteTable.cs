using System.Collections.Concurrent;
using P2P.Pastry.Transport.Framing;

namespace P2P.Pastry.Transport.Tcp;

/// <summary>Finds the way to a node by its id, and asks for a connection where there is none.</summary>
/// <param name="host">What this host's parts share.</param>
/// <param name="dial">Begins to connect to a node; ends in <see cref="Attach"/> or <see cref="Fail"/>.</param>
internal sealed class RouteTable(HostContext host, Action<NodeHandle> dial)
{
    // More than a host speaks with in an hour; beyond it, strangers are not dialled.
    private const int Capacity = 65536;

    private readonly ConcurrentDictionary<NodeId, Route> _routes = new();
    private int _dialling;

    public SendStatus Send(ushort source, NodeHandle to, ReadOnlySpan<byte> message, MessagePriority priority)
    {
        while (true)
        {
            if (!_routes.TryGetValue(to.Id, out var route))
            {
                if (_routes.Count >= Capacity)
                {
                    return Dropped(SendStatus.Unreachable, "too_many_peers");
                }

                route = _routes.GetOrAdd(to.Id, static (_, context) => new Route(context), host);
            }

            if (route.TrySend(source, to, message, priority) is { } status)
            {
                return status == SendStatus.Accepted ? status : Dropped(status, status == SendStatus.Dropped ? "queue_full" : "back_off");
            }

            if (Volatile.Read(ref _dialling) >= host.Options.ConnectionsMax)
            {
                // That this host has too much to do says nothing of the node.
                return Dropped(SendStatus.Dropped, "too_many_dials");
            }

            if (route.TryBeginDial(to))
            {
                Interlocked.Increment(ref _dialling);
                dial(to);
            }
        }
    }

    /// <summary>Uses a link for a node from now on.</summary>
    /// <param name="link">The link.</param>
    /// <param name="index">The node's index there.</param>
    /// <param name="node">The node as it has been proven.</param>
    /// <param name="yields">True where a link that is in use stays so.</param>
    public void Attach(IFrameLink link, ushort index, NodeHandle node, bool yields = false)
    {
        var target = new RouteTarget(link, index, node);
        if (_routes.Count >= Capacity && !_routes.ContainsKey(node.Id))
        {
            // It can speak to this host, but is not answered.
            host.Metrics.FramesDropped("too_many_peers");
            return;
        }

        while (!_routes.GetOrAdd(node.Id, static (_, context) => new Route(context), host).TryAttach(target, yields))
        {
            // The table was about to forget the route and has a new one next time.
        }
    }

    /// <summary>Stops using a link for a node.</summary>
    public void Detach(IFrameLink link, NodeId id, RouteTarget? replacement = null)
    {
        if (_routes.TryGetValue(id, out var route))
        {
            route.Detach(link, replacement);
        }
    }

    /// <summary>Ends a dial that succeeded: its link has been attached.</summary>
    public void EndDial(NodeHandle to)
    {
        Interlocked.Decrement(ref _dialling);
        if (_routes.TryGetValue(to.Id, out var route))
        {
            route.EndDial(to);
        }
    }

    /// <summary>Ends a dial that failed; false if the node was reached in another way meanwhile.</summary>
    public bool Fail(NodeHandle to)
    {
        Interlocked.Decrement(ref _dialling);
        return _routes.TryGetValue(to.Id, out var route) && route.Fail(to);
    }

    /// <summary>Tells whether there is a link to the node.</summary>
    public bool IsReachable(NodeId id) => _routes.TryGetValue(id, out var route) && route.Target is not null;

    /// <summary>Tells whether a node's host has said that the node is about to stop.</summary>
    public bool IsLeaving(NodeId id) =>
        _routes.TryGetValue(id, out var route) && route.Target is { Link: ControlConnection connection } target && connection.IsLeaving(target.Index);

    /// <summary>Forgets the nodes that nothing is known about.</summary>
    public void Sweep()
    {
        foreach (var (id, route) in _routes)
        {
            if (route.TryForget())
            {
                _routes.TryRemove(KeyValuePair.Create(id, route));
            }
        }
    }

    private SendStatus Dropped(SendStatus status, string reason)
    {
        host.Metrics.FramesDropped(reason);
        return status;
    }
}
