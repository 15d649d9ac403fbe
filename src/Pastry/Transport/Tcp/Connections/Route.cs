using System.Collections.Immutable;
using P2P.Pastry.Transport.Framing;

namespace P2P.Pastry.Transport.Tcp;

/// <summary>
/// Is the way to one node: a link that it has been proven on, or a queue while its addresses are dialled, or a back-off after that failed.
/// </summary>
/// <remarks>
/// Anybody may name a node with wrong addresses. So other addresses are dialled at the same time as those that were named first, if they are not too many;
/// the first dial that reaches the node serves all, and what waits is given up with the last.
/// </remarks>
internal sealed class Route(HostContext host)
{
    private const int DialsMax = 4;

    private readonly Lock _gate = new();
    private readonly List<NodeHandle> _dialled = new(1);
    private volatile RouteTarget? _target;
    private FrameQueue? _pending;
    private ImmutableArray<NodeAddress> _failedAddresses = [];
    private int _failures;
    private long _failedAt;
    private TimeSpan _backOff;
    private bool _forgotten;

    public RouteTarget? Target => _target;

    /// <summary>Sends where there is a link or a dial is going on. Otherwise the answer is null, and the caller may dial.</summary>
    public SendStatus? TrySend(ushort source, NodeHandle to, ReadOnlySpan<byte> message, MessagePriority priority)
    {
        var target = _target;
        if (target is not null)
        {
            var status = target.Link.Append(source, target.Index, message, priority);
            if (status != SendStatus.Unreachable)
            {
                return status;
            }

            // The link is closing; what comes now needs another.
            Detach(target.Link, null);
        }

        return TrySendSlowly(source, to, message, priority);
    }

    /// <summary>Begins to queue for a dial; false if there is a link or such a dial by now, or the route is no longer in the table.</summary>
    public bool TryBeginDial(NodeHandle to)
    {
        lock (_gate)
        {
            if (_forgotten || _target is not null)
            {
                return false;
            }

            // Also for a dial that goes on although the node was reached meanwhile, and lost again.
            _pending ??= new FrameQueue(host.Options.PeerQueueBytes);
            var isNew = IsToBeDialled(to);
            if (isNew)
            {
                _dialled.Add(to);
            }

            return isNew;
        }
    }

    /// <summary>
    /// Uses a link from now on, unless the one in use belongs to a later life of the node; false if the route is no longer in the table.
    /// </summary>
    /// <remarks>Also a link that yields is used where there is none: what waits for a dial waits for whatever comes of it.</remarks>
    public bool TryAttach(RouteTarget target, bool yields)
    {
        lock (_gate)
        {
            if (_forgotten)
            {
                return false;
            }

            if (_target is { } current && current.Link != target.Link && (yields || current.Node.Incarnation > target.Node.Incarnation))
            {
                return true;
            }

            if (_pending is not null)
            {
                host.Metrics.FramesDropped("queue_full", Move(_pending, target));
                _pending = null;
            }

            _failures = 0;
            _failedAddresses = [];
            _target = target;
            return true;
        }
    }

    /// <summary>Stops using a link, in favour of another if there is one.</summary>
    public void Detach(IFrameLink link, RouteTarget? replacement)
    {
        lock (_gate)
        {
            if (_target?.Link == link)
            {
                _target = replacement;
            }
        }
    }

    /// <summary>Notes that a dial has ended, which has led to a link.</summary>
    public void EndDial(NodeHandle to)
    {
        lock (_gate)
        {
            _dialled.RemoveAll(dialled => ReferenceEquals(dialled, to));
            GiveUpIfLast();
        }
    }

    /// <summary>
    /// Gives up a dial and leaves these addresses alone for a while; false if the node has been reached meanwhile.
    /// </summary>
    public bool Fail(NodeHandle to)
    {
        lock (_gate)
        {
            _dialled.RemoveAll(dialled => ReferenceEquals(dialled, to));
            if (_pending is null)
            {
                return false;
            }

            GiveUpIfLast();
            _failedAddresses = to.Addresses;
            _failedAt = host.Time.GetTimestamp();
            _backOff = BackOff(_failures++);
            return true;
        }
    }

    /// <summary>Tells whether the table may forget the route, and makes sure that nobody uses it then.</summary>
    public bool TryForget()
    {
        lock (_gate)
        {
            return _forgotten = _target is null && _pending is null && host.Time.GetElapsedTime(_failedAt) >= host.Options.BackOffMax;
        }
    }

    private SendStatus? TrySendSlowly(ushort source, NodeHandle to, ReadOnlySpan<byte> message, MessagePriority priority)
    {
        lock (_gate)
        {
            if (_pending is not null && !IsToBeDialled(to))
            {
                return _pending.Append(source, 0, message, priority);
            }

            return _failedAddresses.AsSpan().SequenceEqual(to.Addresses.AsSpan()) && _target is null && host.Time.GetElapsedTime(_failedAt) < _backOff
                ? SendStatus.Unreachable
                : null;
        }
    }

    private void GiveUpIfLast()
    {
        if (_pending is not null && _dialled.Count == 0)
        {
            host.Metrics.FramesDropped("unreachable", _pending.Discard());
            _pending = null;
        }
    }

    private bool IsToBeDialled(NodeHandle to) => _dialled.Count < DialsMax && !_dialled.Exists(to.HasAddressesOf);

    private TimeSpan BackOff(int failures)
    {
        var longest = Math.Min(host.Options.BackOffMin.TotalMilliseconds * Math.Pow(2, Math.Min(failures, 30)), host.Options.BackOffMax.TotalMilliseconds);
        return TimeSpan.FromMilliseconds(longest * (1 - Random.Shared.NextDouble() / 2));
    }

    private static int Move(FrameQueue pending, RouteTarget target)
    {
        var dropped = 0;
        var frames = pending.Take().Span;
        while (frames.Length > 0)
        {
            var length = FrameFormat.ReadFrameLength(frames);
            var (source, _) = FrameFormat.ReadIndexes(frames);
            var status = target.Link.Append(source, target.Index, frames[FrameFormat.HeaderLength..length], MessagePriority.Urgent);
            dropped += status == SendStatus.Accepted ? 0 : 1;
            frames = frames[length..];
        }

        pending.Recycle();
        return dropped;
    }
}

/// <summary>Is where the messages for a node go.</summary>
/// <param name="Link">The link to its host.</param>
/// <param name="Index">The node's index there.</param>
/// <param name="Node">The node as it has been proven.</param>
internal sealed record RouteTarget(IFrameLink Link, ushort Index, NodeHandle Node);
