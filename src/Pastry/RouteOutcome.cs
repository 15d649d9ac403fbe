namespace P2P.Pastry;

/// <summary>Is what became of a message that was to be confirmed.</summary>
public abstract record RouteOutcome
{
    private RouteOutcome()
    {
    }

    /// <summary>A node has taken it.</summary>
    /// <param name="By">That node: the closest to the key, or one on the way whose application stopped the message there.</param>
    public sealed record Taken(NodeHandle By) : RouteOutcome;

    /// <summary>Nobody has confirmed it in time. It may have been taken all the same.</summary>
    public sealed record Unconfirmed : RouteOutcome;

    /// <summary>It was never sent: too many await a confirmation already, or the node has left.</summary>
    public sealed record NotStarted : RouteOutcome;
}
