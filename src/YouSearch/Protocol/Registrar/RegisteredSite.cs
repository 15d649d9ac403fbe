using P2P.YouServ;

namespace P2P.YouSearch.Protocol;

/// <summary>Is a site of which the registrar has heard.</summary>
internal sealed class RegisteredSite(SiteName name, int number, SitePlace place)
{
    private TimeSpan _earliest = TimeSpan.MinValue;

    public SiteName Name { get; } = name;

    /// <summary>What the vectors call it.</summary>
    public int Number { get; } = number;

    public SitePlace Place { get; set; } = place;

    /// <summary>The groups of the owner, as proven at the last registration; none where only somebody who stands in has registered it.</summary>
    public IReadOnlySet<string> Groups { get; set; } = new HashSet<string>();

    public long Generation { get; set; }

    /// <summary>The registrar's count of changes when the site changed last.</summary>
    public long ChangedAt { get; set; }

    public TimeSpan ExpiresAt { get; set; }

    /// <summary>Whether its first registration has not come to its end.</summary>
    public bool IsNew { get; set; } = true;

    /// <summary>Whether a registration is being carried out.</summary>
    public bool IsBusy { get; set; }

    /// <summary>Whether it was looked for, and not found, since it was last heard.</summary>
    public bool IsDead { get; set; }

    /// <summary>Whether what is known of it comes from its owner.</summary>
    public bool IsOwners { get; set; }

    /// <summary>Whether it is being looked for.</summary>
    public bool IsProbed { get; set; }

    /// <summary>When a report made the registrar look for it.</summary>
    public TimeSpan? ProbedAt { get; set; }

    /// <summary>When it was looked for last while it was dead.</summary>
    public TimeSpan? ProbedAgainAt { get; set; }

    public SummaryKnowledge Public { get; set; }

    public SummaryKnowledge Members { get; set; }

    public LinkedListNode<RegisteredSite>? Turn { get; set; }

    public SummaryKnowledge Of(SummaryScope scope) => scope == SummaryScope.Public ? Public : Members;

    public void Know(SummaryScope scope, SummaryKnowledge knowledge)
    {
        if (scope == SummaryScope.Public)
        {
            Public = knowledge;
        }
        else
        {
            Members = knowledge;
        }
    }

    public bool IsNamed(TimeSpan now) => !IsNew && !IsDead && ExpiresAt > now;

    /// <summary>Takes one of the registrations that a site may make: a bucket that is emptied by one an interval, and holds some.</summary>
    public bool TryTakeRegistration(TimeSpan interval, int burst, TimeSpan now)
    {
        var level = _earliest > now ? _earliest : now;
        if (level - now > interval * (burst - 1))
        {
            return false;
        }

        _earliest = level + interval;
        return true;
    }
}
