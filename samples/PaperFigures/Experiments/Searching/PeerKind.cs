namespace PaperFigures.Experiments.Searching;

/// <summary>Says how a peer answers.</summary>
internal enum PeerKind
{
    /// <summary>As soon as it is asked.</summary>
    Prompt,

    /// <summary>After <see cref="SearchSetup.SlowBy"/>.</summary>
    Slow,

    /// <summary>Never.</summary>
    Dead,
}
