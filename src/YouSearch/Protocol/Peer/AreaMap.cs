using P2P.YouServ;

namespace P2P.YouSearch.Protocol;

/// <summary>
/// Divides a site into areas: files of one area have the same nearest rule, and the same word of the owner on whether the registrar may know of what is in them. So who may find something is decided
/// for an area, and not for each file.
/// </summary>
internal sealed class AreaMap
{
    private const char AgreedMark = '+';
    private const char KeptMark = '-';
    private const char RuleMark = '/';

    private readonly HashSet<string> _rules;
    private readonly HashSet<string> _agreed;

    /// <param name="rules">The paths of the site's rules.</param>
    /// <param name="agreed">The paths of folders and files of whose words the registrar may know though they are private.</param>
    public AreaMap(IEnumerable<SitePath> rules, IEnumerable<SitePath> agreed)
    {
        _rules = rules.Select(path => path.Value).ToHashSet(StringComparer.Ordinal);
        _agreed = agreed.Select(path => path.Value).ToHashSet(StringComparer.Ordinal);
    }

    public static AreaMap Empty { get; } = new([], []);

    /// <summary>Tells to which area a file belongs.</summary>
    public string AreaOf(SitePath path)
    {
        var rule = Nearest(path, _rules);
        var mark = Nearest(path, _agreed) is null ? KeptMark : AgreedMark;
        return rule is null ? $"{mark}" : $"{mark}{RuleMark}{rule.Value.Value}";
    }

    /// <summary>Whether the owner lets the registrar know of what is in an area, whoever may read it.</summary>
    public static bool IsAgreed(string area) => area is [AgreedMark, ..];

    /// <summary>Gives the path whose rule decides who may read what is in an area.</summary>
    /// <returns>The path; null where no rule does, so that only the owner may.</returns>
    public static SitePath? RuleOf(string area) => area is [_, RuleMark, .. var path] && SitePath.TryParse(path, out var rule) ? rule : null;

    /// <summary>
    /// Tells which areas somebody may look in. Rules may have come since the files were divided: an area is left out in which a newer rule shuts somebody out of a part.
    /// </summary>
    /// <param name="site">The site with its rules as they are now.</param>
    /// <param name="visitor">Who asks.</param>
    /// <param name="areas">The areas.</param>
    public IReadOnlyCollection<string> OpenTo(ServedSite site, Visitor visitor, IEnumerable<string> areas)
    {
        var added = site.Rules.Select(rule => rule.Path).Where(path => !_rules.Contains(path.Value)).ToList();
        return [.. areas.Where(area => IsOpen(site, visitor, RuleOf(area), added))];
    }

    private static bool IsOpen(ServedSite site, Visitor visitor, SitePath? rule, List<SitePath> added) =>
        rule is { } path && site.MayRead(visitor, path) && added.TrueForAll(newer => !newer.IsWithin(path) || site.MayRead(visitor, newer));

    private static SitePath? Nearest(SitePath path, HashSet<string> marked)
    {
        for (var rest = path; marked.Count > 0; rest = rest.Parent)
        {
            if (marked.Contains(rest.Value))
            {
                return rest;
            }

            if (rest.IsRoot)
            {
                break;
            }
        }

        return null;
    }
}
