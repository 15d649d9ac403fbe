namespace PaperFigures.Experiments.Searching;

/// <summary>Is how a search went. Times count from asking.</summary>
internal sealed record SearchOutcome
{
    /// <summary>Which search it is, by the order of asking.</summary>
    public required int Number { get; init; }

    /// <summary>The sites that the registrar named, without the asker's own.</summary>
    public required int Named { get; init; }

    /// <summary>How many of them had nothing.</summary>
    public required int NamedInVain { get; init; }

    /// <summary>Those that answer as soon as they are asked and are so far away that they had too little time.</summary>
    public required IReadOnlyList<int> Missed { get; init; }

    /// <summary>How many sites were asked.</summary>
    public required int Asked { get; init; }

    /// <summary>Whether a peer was asked for what it had gathered before.</summary>
    public required bool AskedKeeper { get; init; }

    /// <summary>How many sites' answers came from there.</summary>
    public required int FromCache { get; init; }

    /// <summary>How often the registrar was spoken to: for the list, about silent sites, and to offer what was gathered.</summary>
    public required int ToRegistrar { get; init; }

    /// <summary>Until the first site with a document had answered, the asker's own not counted; null where none has one.</summary>
    public required TimeSpan? First { get; init; }

    /// <summary>Until everything was there that comes: all named sites that are neither slow nor dead had answered or had their time.</summary>
    public required TimeSpan All { get; init; }

    /// <summary>Until nothing was waited for.</summary>
    public required TimeSpan End { get; init; }

    /// <summary>The sites in which documents were found, ascending.</summary>
    public required IReadOnlyList<int> Found { get; init; }

    /// <summary>What was sent to peers.</summary>
    public int ToPeers => Asked + (AskedKeeper ? 1 : 0);
}
