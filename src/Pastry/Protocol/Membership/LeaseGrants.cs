namespace P2P.Pastry.Protocol;

/// <summary>Keeps what a node has promised to others: not to deliver in their place while the promise lasts.</summary>
internal sealed class LeaseGrants(NodeState state)
{
    private readonly List<Grant> _grants = [];

    /// <summary>The promise outlasts the lease by an eighth: clocks of two machines run at slightly different rates.</summary>
    public Instant PromiseUntil => state.Now + state.Options.LeaseDuration * 1.125;

    /// <summary>All that was promised; some of it may have run out.</summary>
    public IReadOnlyList<Grant> All => _grants;

    /// <summary>Promises to a neighbour on these sides, in the place of what it was promised there before.</summary>
    public void Add(NodeId holder, RingSides sides)
    {
        _grants.RemoveAll(grant => grant.Holder == holder && (grant.Sides & ~sides) == 0);
        _grants.Add(new Grant(holder, PromiseUntil, sides, state.Now));
    }

    /// <summary>Takes back every promise to a node that delivers no more: it has left, or started another life.</summary>
    public void Release(NodeId holder) => _grants.RemoveAll(grant => grant.Holder == holder);

    /// <summary>Takes back what a holder does not need any more, as far as it has seen what was promised to it.</summary>
    public void TakeBack(NodeId holder, RingSides sides, Instant upTo)
    {
        for (var i = _grants.Count - 1; i >= 0; i--)
        {
            var grant = _grants[i];
            if (grant.Holder != holder || grant.At > upTo || (grant.Sides & sides) == 0)
            {
                continue;
            }

            _grants.RemoveAt(i);
            if ((grant.Sides & ~sides) != 0)
            {
                _grants.Add(grant with { Sides = grant.Sides & ~sides });
            }
        }
    }

    /// <summary>
    /// Waits for the leases of a dead member that got none from this node: those of its neighbours, who may be dead as well, may outlive
    /// their promises to each other.
    /// </summary>
    public void Outlive(NodeId holder)
    {
        if (!_grants.Exists(grant => grant.Holder == holder && grant.Until > state.Now))
        {
            _grants.Add(new Grant(holder, PromiseUntil, Sides: 0, state.Now));
        }
    }

    public void Expire() => _grants.RemoveAll(grant => grant.Until <= state.Now);

    /// <summary>Tells until when a node that has gone from the leaf set may still deliver for the key; in the past where none may.</summary>
    public Instant BlockedUntil(NodeId key)
    {
        var until = Instant.Zero;
        foreach (var grant in _grants)
        {
            if (grant.Until > until && !state.LeafSet.Contains(grant.Holder) && grant.Holder.IsCloserTo(key, state.Self.Id))
            {
                until = grant.Until;
            }
        }

        return until;
    }

    /// <summary>
    /// Looks at the other leases on a neighbour's side that still run: none may be of a node between, and the nearest behind it must be of
    /// a node that it knows. One that holds a lease already has shown that it does; since then others may have come between the two.
    /// </summary>
    /// <param name="neighbor">The neighbour.</param>
    /// <param name="side">Its side.</param>
    /// <param name="beyond">Whom it has on its other side.</param>
    /// <param name="beside">The holder behind it, where there is one; else unchanged.</param>
    /// <param name="blockedUntil">Until when a node between may hold one, where that forbids the lease; else unchanged.</param>
    public bool MayGrant(NodeId neighbor, RingSides side, NodeId[] beyond, ref NodeId? beside, ref Instant blockedUntil)
    {
        Grant? behind = null;
        var isRenewal = false;
        var reach = Distance(neighbor, side);
        foreach (var grant in _grants)
        {
            if (!grant.Sides.HasFlag(side) || grant.Until <= state.Now)
            {
                continue;
            }

            if (grant.Holder == neighbor)
            {
                isRenewal = true;
                continue;
            }

            if (Distance(grant.Holder, side) < reach)
            {
                blockedUntil = grant.Until;
                return false;
            }

            if (behind is null || Distance(grant.Holder, side) < Distance(behind.Value.Holder, side))
            {
                behind = grant;
            }
        }

        beside = behind?.Holder ?? beside;
        return isRenewal || behind is null || Array.IndexOf(beyond, behind.Value.Holder) >= 0;
    }

    /// <summary>Tells how far away a node is when one walks to that side.</summary>
    public UInt128 Distance(NodeId id, RingSides side) =>
        side == RingSides.Right ? state.Self.Id.ClockwiseTo(id) : id.ClockwiseTo(state.Self.Id);

    /// <summary>Is a promise to another node.</summary>
    /// <param name="Holder">Who was promised.</param>
    /// <param name="Until">Until when.</param>
    /// <param name="Sides">On which sides the holder was the neighbour; none, where it is only outlived.</param>
    /// <param name="At">When it was promised.</param>
    public readonly record struct Grant(NodeId Holder, Instant Until, RingSides Sides, Instant At);
}
