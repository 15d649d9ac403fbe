namespace P2P.YouSearch.Wire;

/// <summary>Bounds what is believed of an answer, which may be anything.</summary>
internal static class ReplyLimits
{
    /// <summary>How many bytes an answer may have.</summary>
    public const int LengthMax = 512 * 1024;

    /// <summary>How many bytes gathered answers may have together.</summary>
    public const int CachedLengthMax = 8 * 1024 * 1024;

    /// <summary>How many documents one site answers with at most.</summary>
    public const int HitsMax = 200;

    /// <summary>How many recommendations one site answers with at most.</summary>
    public const int RecommendedMax = 20;

    /// <summary>How many documents, and of how many words, a site may say to have: one that says more must not outweigh all others.</summary>
    public const long DocumentsMax = 10_000_000;

    public const int TitleLengthMax = 300;
    public const int TypeLengthMax = 32;
}
