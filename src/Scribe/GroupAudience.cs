namespace P2P.Scribe;

/// <summary>Says who may do something in a group.</summary>
public enum GroupAudience
{
    /// <summary>Whoever is in the ring.</summary>
    Everyone = 0,

    /// <summary>The creator, and who shows a <see cref="GroupCapability"/> that the creator has signed.</summary>
    Invited = 1,
}
