namespace P2P.YouServ;

/// <summary>Says who asks a site for something: what the visitor has proven, and nothing that a request merely claims.</summary>
public sealed record Visitor
{
    /// <summary>A visitor who has proven nothing.</summary>
    public static Visitor Anonymous { get; } = new();

    /// <summary>Who has signed in; null for visitors who have not.</summary>
    public UserId? User { get; init; }

    /// <summary>The groups of the user, in lower case, as the organisation told at sign-in.</summary>
    public IReadOnlySet<string> Groups { get; init; } = new HashSet<string>();

    /// <summary>Whether the user owns the site.</summary>
    public bool IsOwner { get; init; }

    /// <summary>The share link that led here, valid at this moment; null without one.</summary>
    public ShareLink? Link { get; init; }
}
