using System.Numerics;

namespace P2P.YouSearch.Protocol;

internal sealed partial class RegistrarMachine
{
    /// <summary>Says why a query is not answered; null if it is.</summary>
    public static Refusal? Check(Asker asker, CandidateQuery query)
    {
        if (query.Alternatives.Count > RegistrarBounds.AlternativesMax || query.Alternatives.Any(hashes => hashes.Count is 0 or > RegistrarBounds.HashesMax))
        {
            return new(RefusalKind.Invalid, $"A query has at most {RegistrarBounds.AlternativesMax} alternatives of 1 to {RegistrarBounds.HashesMax} hashes.");
        }

        if (query.Sites.Count > RegistrarBounds.SitesMax || query.Key.Length > RegistrarBounds.KeyLengthMax || query.Group is { Length: 0 or > RegistrarBounds.GroupLengthMax })
        {
            return new(RefusalKind.Invalid, $"A query names at most {RegistrarBounds.SitesMax} sites, its key has at most {RegistrarBounds.KeyLengthMax} characters, a group 1 to {RegistrarBounds.GroupLengthMax}.");
        }

        return query.Group is { } group && !asker.Groups.Contains(group) ? new(RefusalKind.Forbidden, $"You are not in the group {group}.") : null;
    }

    /// <summary>Tells whether a query is answered from the summaries.</summary>
    public static bool AsksSummaries(CandidateQuery query) => query is { Sites.Count: 0, Group: null, Alternatives.Count: > 0 };

    /// <summary>Answers a query.</summary>
    /// <param name="asker">Who asks.</param>
    /// <param name="query">The query, which was found good.</param>
    /// <param name="found">Where it <see cref="AsksSummaries"/>, the numbers of the sites whose summaries have it; numbers that no site has do no harm.</param>
    /// <param name="isExact">Whether all vectors were asked.</param>
    /// <param name="now">The instant.</param>
    public CandidateList Answer(Asker asker, CandidateQuery query, SiteSet? found, bool isExact, TimeSpan now)
    {
        var cached = query.Key.Length > 0 && asker.IsSignedIn ? _cached.Find(query.Key, asker.Rights, now) : null;
        var gathering = new Gathering(settings.CandidatesMax, cached?.Sequence ?? long.MinValue, found is null ? 0 : CountOf(found));
        if (query.Sites.Count > 0)
        {
            AddNamed(query, gathering, now);
        }
        else if (query.Group is { } group)
        {
            foreach (var number in _sites.InGroup(group).Order())
            {
                AddIfNamed(number, gathering, now);
            }
        }
        else if (found is not null)
        {
            foreach (var number in found)
            {
                AddIfNamed(number, gathering, now);
            }
        }

        return new()
        {
            Candidates = gathering.Candidates,
            Sequence = Sequence,
            Cache = cached is { Keeper: var keeper } ? _sites.Find(keeper)?.Place.Named : null,
            IsExact = isExact,
            IsComplete = gathering.IsComplete,
        };
    }

    private static int CountOf(SiteSet found)
    {
        var count = 0;
        foreach (var word in found.Words)
        {
            count += BitOperations.PopCount(word);
        }

        return count;
    }

    /// <summary>Adds the sites to which a query is limited: those that are registered, and those that merely exist, as they may have something of which they have not told.</summary>
    private void AddNamed(CandidateQuery query, Gathering gathering, TimeSpan now)
    {
        foreach (var name in query.Sites.Distinct())
        {
            var site = _sites.Find(name);
            if (query.Group is { } group && site?.Groups.Contains(group) != true)
            {
                continue;
            }

            if (site is not null && (site.IsNamed(now) || site.IsDead))
            {
                AddIfNamed(site.Number, gathering, now);
            }
            else if (PlaceOf(name) is { } place)
            {
                gathering.Add(place, long.MaxValue);
            }
        }
    }

    private void AddIfNamed(int number, Gathering gathering, TimeSpan now)
    {
        if (_sites.At(number) is { } site && site.IsNamed(now))
        {
            gathering.Add(site.Place, site.ChangedAt);
        }
    }

    /// <summary>Collects candidates up to the bound: those are left out then that have registered last.</summary>
    private sealed class Gathering(int countMax, long cachedAt, int expected)
    {
        private readonly List<Candidate> _candidates = new(Math.Min(countMax, expected));

        public IReadOnlyList<Candidate> Candidates => _candidates;

        public bool IsComplete { get; private set; } = true;

        public void Add(SitePlace place, long changedAt)
        {
            if (_candidates.Count == countMax)
            {
                IsComplete = false;
                return;
            }

            _candidates.Add(changedAt <= cachedAt ? place.NamedAsCurrent : place.Named);
        }
    }
}
