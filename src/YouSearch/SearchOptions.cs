namespace P2P.YouSearch;

/// <summary>Sets one search up.</summary>
public sealed record SearchOptions
{
    /// <summary>How many documents to show at most; 1 to 200, default 50.</summary>
    public int Count { get; init; } = 50;

    /// <summary>Whether answers will do that were gathered within the last minutes, as long as nothing has become of their sites since; default yes.</summary>
    public bool UsesCache { get; init; } = true;
}
