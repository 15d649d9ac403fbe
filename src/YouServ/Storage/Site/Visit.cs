namespace P2P.YouServ.Storage;

/// <summary>Somebody has signed in at a site.</summary>
internal sealed class Visit(string tokenHash, string sessionId, UserId user, string displayName, IReadOnlyList<string> groups, long expires)
{
    public string TokenHash => tokenHash;

    /// <summary>The session at the coordinator from which the visit came.</summary>
    public string SessionId => sessionId;

    public UserId User => user;

    public string DisplayName => displayName;

    public IReadOnlyList<string> Groups => groups;

    /// <summary>When it ends; seconds since 1970.</summary>
    public long Expires => expires;

    /// <summary>Who visits, in the words of access.</summary>
    public Visitor Visitor { get; } = new() { User = user, Groups = groups.ToHashSet(StringComparer.Ordinal) };
}
