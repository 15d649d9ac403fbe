namespace P2P.YouSearch.Protocol;

/// <summary>Says what kind of reason a registrar has to refuse.</summary>
internal enum RefusalKind
{
    /// <summary>What was said is none of its messages, or beyond its bounds.</summary>
    Invalid,

    /// <summary>Whoever asks has not signed in.</summary>
    SignInFirst,

    /// <summary>Whoever asks may not.</summary>
    Forbidden,

    /// <summary>It is too soon after the time before.</summary>
    TooOften,

    /// <summary>There is no room.</summary>
    Full,
}
