namespace P2P.YouSearch.Wire;

/// <summary>Is what a peer asks one that keeps the answer to a query.</summary>
internal sealed record CachedRequest
{
    /// <summary>What names the query.</summary>
    public required string Key { get; init; }
}

/// <summary>Is what that one has gathered: the answers as their sites have signed them.</summary>
internal sealed record CachedReply
{
    public IReadOnlyList<SignedReply> Replies { get; init => field = value ?? []; } = [];
}

/// <summary>Is an answer with what proves whose it is.</summary>
internal sealed record SignedReply
{
    /// <summary>The answer: a <see cref="SearchReply"/> in JSON, as it was signed.</summary>
    public required string Body { get; init; }

    /// <summary>What the site that answered has proven.</summary>
    public required string Proof { get; init; }
}
