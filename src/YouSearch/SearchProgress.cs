namespace P2P.YouSearch;

/// <summary>Counts what has become of the sites that may have an answer.</summary>
public sealed record SearchProgress
{
    /// <summary>Sites that may have an answer.</summary>
    public required int Candidates { get; init; }

    /// <summary>Those that have answered, whether or not they had one; those whose answers somebody else had gathered are among them.</summary>
    public required int Answered { get; init; }

    /// <summary>Of these, those whose answers somebody else had gathered, or this peer a while ago.</summary>
    public required int FromCache { get; init; }

    /// <summary>Those that have answered, and had nothing: what summaries could not tell.</summary>
    public required int Empty { get; init; }

    /// <summary>Those that have not answered in time, or not as they must.</summary>
    public required int Silent { get; init; }

    /// <summary>Those that nobody serves at this moment.</summary>
    public required int Away { get; init; }

    /// <summary>Whether nothing more is to come.</summary>
    public required bool IsFinal { get; init; }

    /// <summary>Whether all sites that may have an answer are among the candidates; not so where the registrar was away, or has named as many as it names.</summary>
    public bool IsWhole { get; init; } = true;
}
