namespace P2P.YouServ.Wire;

/// <summary>A rule as the owner's page has it.</summary>
internal sealed record RuleView
{
    private const int NamesMax = 1000;

    public required string Path { get; init; }

    /// <summary><c>named</c>, <c>signed-in</c> or <c>everyone</c>.</summary>
    public required string Audience { get; init; }

    public IReadOnlyList<string> Users { get; init => field = value ?? []; } = [];

    public IReadOnlyList<string> Groups { get; init => field = value ?? []; } = [];

    public static RuleView Of(AccessRule rule) => new()
    {
        Path = rule.Path.Value,
        Audience = rule.Audience switch
        {
            YouServ.Audience.Everyone => "everyone",
            YouServ.Audience.SignedIn => "signed-in",
            _ => "named",
        },
        Users = [.. rule.Users.Select(user => user.Value)],
        Groups = rule.Groups,
    };

    /// <returns>The rule; null if this is none.</returns>
    public AccessRule? ToRule()
    {
        Audience? audience = Audience switch
        {
            "everyone" => YouServ.Audience.Everyone,
            "signed-in" => YouServ.Audience.SignedIn,
            "named" => YouServ.Audience.Named,
            _ => null,
        };
        var users = Users.Select(text => UserId.TryParse(text, out var user) ? user : default).Distinct().ToArray();
        var groups = Groups.OfType<string>().Select(group => group.Trim().ToLowerInvariant()).Where(group => group.Length > 0).Distinct(StringComparer.Ordinal).ToArray();
        return audience is { } known
            && SitePath.TryParse(Path, out var path)
            && !users.Contains(default)
            && users.Length + groups.Length <= NamesMax
            && groups.All(group => group.Length <= UserId.LengthMax && !group.Any(char.IsControl))
            ? new() { Path = path, Audience = known, Users = users, Groups = groups }
            : null;
    }
}
