namespace P2P.Scribe;

/// <summary>Says why a membership has ended that nobody has left.</summary>
public enum MembershipEnd
{
    /// <summary>There is no such group any more: its rendezvous point and all nodes that kept its state have failed at once.</summary>
    GroupLost = 0,

    /// <summary>The node had to find another place in the tree, and the member's invitation had expired.</summary>
    NotInvited = 1,
}
