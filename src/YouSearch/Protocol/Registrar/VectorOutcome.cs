namespace P2P.YouSearch.Protocol;

/// <summary>Says how news of a summary fared at those who hold the vectors.</summary>
internal enum VectorOutcome
{
    /// <summary>They have it.</summary>
    Done,

    /// <summary>They do not have what it begins at.</summary>
    Lacking,

    /// <summary>They have no memory for it, and what they had before.</summary>
    Full,
}
