namespace P2P.YouServ.Protocol;

/// <summary>What the rules of a site say to a visitor.</summary>
internal enum AccessDecision
{
    /// <summary>The visitor may read it.</summary>
    Granted,

    /// <summary>Nothing is open to one who has not signed in; signing in may help.</summary>
    SignInFirst,

    /// <summary>The visitor is known, and may not.</summary>
    Refused,
}
