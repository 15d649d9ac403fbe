namespace P2P.YouServ.Wire;

/// <summary>Who has read what, as the owner's page has it.</summary>
internal sealed record ReadingView
{
    public required long Id { get; init; }

    public required DateTimeOffset At { get; init; }

    /// <summary>The user, the link, or nobody who has signed in.</summary>
    public required string Reader { get; init; }

    public required string Path { get; init; }

    public required long Times { get; init; }
}
