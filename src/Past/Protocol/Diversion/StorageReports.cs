using P2P.Past.Wire;
using P2P.Pastry;

namespace P2P.Past.Protocol;

/// <summary>
/// Knows how much room the ring neighbours have, as they say, and tells them how much this node has: when they meet, and when a noticeable share of it
/// has come or gone since. So it costs some messages for each halving of the room, however many replicas fill it.
/// </summary>
internal sealed class StorageReports(IReplicaCatalog store)
{
    /// <summary>A change of the free room by one part of so many is told.</summary>
    private const int ToldShares = 10;

    private static readonly TimeSpan IntervalMin = TimeSpan.FromSeconds(1);

    /// <summary>How long a neighbour holds replicas, or only routes, at least: each change makes this node go through all that it holds.</summary>
    private static readonly TimeSpan RoleTimeMin = TimeSpan.FromMinutes(1);

    /// <summary>How long a refusal counts: it may have been for what was on its way only.</summary>
    private static readonly TimeSpan RefusalTimeMax = TimeSpan.FromMinutes(1);

    private readonly Dictionary<NodeId, Neighbor> _neighbors = [];
    private readonly Dictionary<ulong, int> _domains = [];
    private long _told;
    private Instant _nextTelling;
    private bool _tellsLater;
    private bool _changesRolesLater;

    /// <summary>How many neighbours hold no replicas at all: access points.</summary>
    public int AccessPointCount { get; private set; }

    /// <summary>How many neighbours share a failure domain with another, or with this node.</summary>
    public int SharedDomainCount { get; private set; }

    /// <summary>Tells whether several nodes of a failure domain are known.</summary>
    public bool IsShared(ulong failureDomain) => SharedDomainCount > 0 && _domains.GetValueOrDefault(failureDomain) > 1;

    /// <summary>Tells whether a node is known to hold no replicas, and only to route.</summary>
    public bool IsAccessPoint(NodeHandle node, IOverlay overlay) =>
        node.Id == overlay.Self.Id ? store.Usage.CapacityBytes == 0 : AccessPointCount > 0 && _neighbors.GetValueOrDefault(node.Id).IsAccessPoint;

    /// <summary>Counts the access points that are numerically closer to a key than a node.</summary>
    public int CountCloserAccessPoints(NodeId key, NodeId than) =>
        AccessPointCount == 0 ? 0 : _neighbors.Count(neighbor => neighbor.Value.IsAccessPoint && neighbor.Key.IsCloserTo(key, than));

    /// <summary>How much room a neighbour has said to have left, and in all; none where it has said nothing.</summary>
    public (long FreeBytes, long CapacityBytes) RoomOf(NodeHandle node) =>
        _neighbors.TryGetValue(node.Id, out var neighbor) && neighbor.Said is { } said ? (said.FreeBytes, said.CapacityBytes) : default;

    /// <summary>Takes it that a neighbour has no room for so much, whatever its last report says.</summary>
    public void OnRefused(NodeHandle node, long contentLength, IOverlay overlay)
    {
        if (_neighbors.TryGetValue(node.Id, out var neighbor))
        {
            _neighbors[node.Id] = neighbor with { RefusedLength = contentLength, RefusedUntil = overlay.Now + RefusalTimeMax };
        }
    }

    /// <summary>Tells whether a neighbour has refused as much since its last report.</summary>
    public bool HasRefused(NodeHandle node, long contentLength, IOverlay overlay) =>
        _neighbors.TryGetValue(node.Id, out var neighbor) && contentLength >= neighbor.RefusedLength && overlay.Now < neighbor.RefusedUntil;

    public void OnJoined(NodeHandle neighbor, IOverlay overlay)
    {
        OnGone(neighbor, overlay);
        _neighbors.Add(neighbor.Id, new Neighbor(neighbor.FailureDomain, Said: null));
        CountDomain(neighbor.FailureDomain, 1, overlay);
        Tell(neighbor, asksBack: true, overlay);
    }

    public void OnGone(NodeHandle node, IOverlay overlay)
    {
        if (_neighbors.Remove(node.Id, out var neighbor))
        {
            AccessPointCount -= neighbor.IsAccessPoint ? 1 : 0;
            CountDomain(neighbor.FailureDomain, -1, overlay);
        }
    }

    /// <summary>Takes what a neighbour says.</summary>
    /// <returns>Whether it begins or ceases to hold replicas by that, so that others have to hold them.</returns>
    public bool OnNotice(NodeHandle from, StorageNotice notice, IOverlay overlay)
    {
        if (notice.AsksBack)
        {
            Tell(from, asksBack: false, overlay);
        }

        if (!_neighbors.TryGetValue(from.Id, out var before))
        {
            return false;
        }

        var now = before with { Said = notice, RefusedUntil = default };
        _neighbors[from.Id] = now;
        return TryChangeRole(from.Id, now, overlay);
    }

    /// <summary>Takes what neighbours have said of their roles too soon after they had said something else.</summary>
    /// <returns>Whether one begins or ceases to hold replicas by that.</returns>
    public bool ExpireRoles(IOverlay overlay)
    {
        _changesRolesLater = false;
        var hasChanged = false;
        foreach (var (id, neighbor) in _neighbors.ToArray())
        {
            hasChanged |= TryChangeRole(id, neighbor, overlay);
        }

        return hasChanged;
    }

    /// <summary>Tells the neighbours, now or a little later, where the room has changed much.</summary>
    public void OnChanged(IOverlay overlay)
    {
        if (Math.Abs(store.Usage.FreeBytes - _told) <= _told / ToldShares)
        {
            return;
        }

        if (overlay.Now >= _nextTelling)
        {
            TellAll(overlay);
        }
        else if (!_tellsLater)
        {
            _tellsLater = true;
            overlay.SetTimer(TimerTokens.StorageNotice, _nextTelling);
        }
    }

    /// <summary>Tells the neighbours at once.</summary>
    public void TellAll(IOverlay overlay)
    {
        _nextTelling = overlay.Now + IntervalMin;
        foreach (var neighbor in overlay.NeighborSet(int.MaxValue))
        {
            Tell(neighbor, asksBack: false, overlay);
        }
    }

    public void Expire(IOverlay overlay)
    {
        _tellsLater = false;
        OnChanged(overlay);
    }

    private bool TryChangeRole(NodeId id, in Neighbor neighbor, IOverlay overlay)
    {
        if (neighbor.SaysAccessPoint == neighbor.IsAccessPoint)
        {
            return false;
        }

        if (overlay.Now >= neighbor.NextChange)
        {
            _neighbors[id] = neighbor with { IsAccessPoint = neighbor.SaysAccessPoint, NextChange = overlay.Now + RoleTimeMin };
            AccessPointCount += neighbor.IsAccessPoint ? -1 : 1;
            return true;
        }

        if (!_changesRolesLater)
        {
            _changesRolesLater = true;
            overlay.SetTimer(TimerTokens.NeighborRole, neighbor.NextChange);
        }

        return false;
    }

    private void Tell(NodeHandle neighbor, bool asksBack, IOverlay overlay)
    {
        var usage = store.Usage;
        _told = usage.FreeBytes;
        overlay.Send(neighbor, Payload.FromContent(new StorageNotice(usage.FreeBytes, usage.CapacityBytes, asksBack)));
    }

    private void CountDomain(ulong domain, int sign, IOverlay overlay)
    {
        if (domain == 0)
        {
            return;
        }

        // This node is the first of its own domain.
        _domains.TryAdd(overlay.Self.FailureDomain, 1);
        var count = _domains.GetValueOrDefault(domain);
        SharedDomainCount += Math.Max(0, count + sign - 1) - Math.Max(0, count - 1);
        if (count + sign == 0)
        {
            _domains.Remove(domain);
        }
        else
        {
            _domains[domain] = count + sign;
        }
    }

    private readonly record struct Neighbor(ulong FailureDomain, StorageNotice? Said, bool IsAccessPoint = false, Instant NextChange = default, long RefusedLength = 0, Instant RefusedUntil = default)
    {
        public bool SaysAccessPoint => Said is { CapacityBytes: 0 };
    }
}
