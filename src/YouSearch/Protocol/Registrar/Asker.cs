using P2P.YouServ;

namespace P2P.YouSearch.Protocol;

/// <summary>Is who asks a registrar, as far as it was proven.</summary>
internal sealed record Asker
{
    /// <summary>Somebody who has proven nothing.</summary>
    public static Asker Anonymous { get; } = new();

    /// <summary>The site that the peer of whoever asks serves; null for one without.</summary>
    public SiteName? Site { get; init; }

    /// <summary>Who has signed in; null for those who have not.</summary>
    public UserId? User { get; init; }

    /// <summary>The groups of the user, in lower case.</summary>
    public IReadOnlySet<string> Groups { get; init; } = new HashSet<string>();

    /// <summary>What is the same for those who may read the same, by their groups; empty for those who have not signed in.</summary>
    public string Rights { get; init; } = "";

    public bool IsSignedIn => User is not null;
}
