using P2P.YouServ;

namespace P2P.YouSearch.Wire;

/// <summary>Is what a peer answers. Everything in it was counted among what the asking user may read, and nothing else.</summary>
internal sealed record SearchReply
{
    /// <summary>The host of the site that answers.</summary>
    public required string Host { get; init; }

    /// <summary>How many documents there are.</summary>
    public long Documents { get; init; }

    /// <summary>How many words they have together.</summary>
    public long Words { get; init; }

    /// <summary>For each part of the query how many documents match it.</summary>
    public IReadOnlyList<long> PartDocuments { get; init => field = value ?? []; } = [];

    /// <summary>How many documents match.</summary>
    public long Matches { get; init; }

    /// <summary>The best of them, best first.</summary>
    public IReadOnlyList<HitView> Hits { get; init => field = value ?? []; } = [];

    /// <summary>What the site's owner recommends for the query to groups of the asking user.</summary>
    public IReadOnlyList<RecommendationView> Recommended { get; init => field = value ?? []; } = [];

    /// <summary>Whether an answer that is signed is so for the asker alone, as rules of the site name people.</summary>
    public bool IsPersonal { get; init; }

    /// <summary>Whether an answer that is signed is so for all who have signed in, and not only for those of the same groups.</summary>
    public bool IsForMembers { get; init; }
}

/// <summary>Is a document in an answer.</summary>
internal sealed record HitView
{
    public required string Path { get; init; }

    public required string Title { get; init; }

    public required string Type { get; init; }

    public required string Digest { get; init; }

    public long Length { get; init; }

    public DateTimeOffset ModifiedAt { get; init; }

    public long Words { get; init; }

    public IReadOnlyList<double> PartFrequencies { get; init => field = value ?? []; } = [];

    public string Snippet { get; init => field = value ?? ""; } = "";

    /// <summary>Where the words of the query stand in the snippet: first character and number of characters, one after the other.</summary>
    public IReadOnlyList<int> Marks { get; init => field = value ?? []; } = [];

    /// <summary>Who may read it.</summary>
    public Audience Audience { get; init; }
}

/// <summary>Is what somebody recommends.</summary>
internal sealed record RecommendationView
{
    /// <summary>The group to which it is recommended.</summary>
    public required string Group { get; init; }

    /// <summary>The site that has it.</summary>
    public required string Site { get; init; }

    /// <summary>Where it is in the site.</summary>
    public required string Path { get; init; }
}
