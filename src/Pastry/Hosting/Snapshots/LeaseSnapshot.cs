using System.Collections.Immutable;
using P2P.Pastry.Protocol;

namespace P2P.Pastry;

/// <summary>Shows a promise between ring neighbours: whoever gave it does not deliver in the other's place while it lasts.</summary>
/// <param name="Peer">Who gave it to this node, or whom this node gave it to.</param>
/// <param name="Side">
/// On which side of this node the other is or was; null of a promise that others have of a dead node, and that this node waits for all the same.
/// </param>
/// <param name="Until">Until when it lasts.</param>
/// <param name="Beside">Who else held one of the same grantor, so that this one counts only together with one from there; or null.</param>
public sealed record LeaseSnapshot(NodeId Peer, RingSide? Side, Instant Until, NodeId? Beside)
{
    internal static ImmutableArray<LeaseSnapshot> Held(LeaseKeeper leases, Instant now)
    {
        return [.. Side(leases.Left, RingSide.Left), .. Side(leases.Right, RingSide.Right)];

        IEnumerable<LeaseSnapshot> Side(Lease lease, RingSide side) =>
            lease.Grantor is { } grantor && lease.Until > now
                ? [new LeaseSnapshot(grantor.Id, side, lease.Until, lease.BesideUntil > now ? lease.Beside : null)]
                : [];
    }

    internal static ImmutableArray<LeaseSnapshot> Granted(LeaseKeeper leases, Instant now) =>
    [
        .. from grant in leases.Grants
           where grant.Until > now
           from side in SidesOf(grant.Sides)
           select new LeaseSnapshot(grant.Holder, side, grant.Until, Beside: null),
    ];

    private static RingSide?[] SidesOf(RingSides sides) => sides switch
    {
        RingSides.Left | RingSides.Right => [RingSide.Left, RingSide.Right],
        RingSides.Left => [RingSide.Left],
        RingSides.Right => [RingSide.Right],
        _ => [null],
    };
}
