namespace P2P.Scribe;

/// <summary>Says what became of an attempt to join a group.</summary>
public abstract record JoinResult
{
    private JoinResult()
    {
    }

    /// <summary>This node is in the group's tree: what is published from now on reaches it.</summary>
    /// <param name="Group">The membership.</param>
    public sealed record Joined(IGroup Group) : JoinResult;

    /// <summary>There is no such group.</summary>
    public sealed record NotFound : JoinResult;

    /// <summary>The group is for who is invited, and no good capability was shown.</summary>
    public sealed record Denied : JoinResult;

    /// <summary>This node takes part in as many groups as it may (<see cref="ScribeOptions.GroupsMax"/>).</summary>
    public sealed record TooManyGroups : JoinResult;

    /// <summary>Nobody has answered in time.</summary>
    public sealed record Unreachable : JoinResult;
}
