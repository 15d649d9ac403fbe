namespace P2P.YouServ;

/// <summary>Says for whom a rule opens something.</summary>
public enum Audience
{
    /// <summary>The owner, and the users and groups that the rule names.</summary>
    Named,

    /// <summary>Everyone whom the organisation knows, after signing in.</summary>
    SignedIn,

    /// <summary>Everyone, also without signing in; search engines may list it.</summary>
    Everyone,
}
