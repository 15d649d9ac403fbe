namespace P2P.YouServ.Protocol;

/// <summary>The rules of a site as of one moment: the nearest rule on the way up decides, and without one only the owner may read.</summary>
internal sealed class AccessRules
{
    private readonly Dictionary<string, AccessRule> _rules;

    public AccessRules(IEnumerable<AccessRule> rules)
    {
        _rules = rules.ToDictionary(rule => rule.Path.Value, StringComparer.Ordinal);
        All = [.. _rules.Values.OrderBy(rule => rule.Path.Value, StringComparer.Ordinal)];
    }

    public static AccessRules Private { get; } = new([]);

    /// <summary>All rules, in the order of their paths.</summary>
    public IReadOnlyList<AccessRule> All { get; }

    public AccessRule? RuleFor(SitePath path)
    {
        for (var rest = path; ; rest = rest.Parent)
        {
            if (_rules.TryGetValue(rest.Value, out var rule))
            {
                return rule;
            }

            if (rest.IsRoot)
            {
                return null;
            }
        }
    }

    public bool IsPublic(SitePath path) => RuleFor(path)?.Audience == Audience.Everyone;

    public AccessDecision Decide(Visitor visitor, SitePath path)
    {
        if (visitor.IsOwner || (visitor.Link is { } link && path.IsWithin(link.Path)))
        {
            return AccessDecision.Granted;
        }

        var rule = RuleFor(path);
        var isGranted = rule?.Audience switch
        {
            Audience.Everyone => true,
            Audience.SignedIn => visitor.User is not null,
            Audience.Named => visitor.User is { } user && (rule.Users.Contains(user) || rule.Groups.Any(visitor.Groups.Contains)),
            _ => false,
        };
        return isGranted ? AccessDecision.Granted
            : visitor.User is null ? AccessDecision.SignInFirst
            : AccessDecision.Refused;
    }

    /// <summary>
    /// Tells whether something beneath a folder is open to the visitor though the folder may not be: then the folder is shown, with no more in it than the way there.
    /// </summary>
    public bool LeadsToGranted(Visitor visitor, SitePath folder) =>
        Decide(visitor, folder) == AccessDecision.Granted
        || (visitor.Link is { } link && link.Path.IsWithin(folder))
        || _rules.Values.Any(rule => rule.Path.IsWithin(folder) && Decide(visitor, rule.Path) == AccessDecision.Granted);
}
