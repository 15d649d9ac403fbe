using P2P.YouServ;

namespace P2P.YouSearch.Protocol;

/// <summary>
/// Decides for a registrar: whose registrations count, which sites are named to whom, and whose cached answers hold. It has no summaries, but knows which version of each those have who hold the vectors.
/// </summary>
/// <remarks>
/// Each change of what the registrar would answer gets the next number of a count, and so do answers that are gathered: an answer holds for those sites that have not changed since. The count begins
/// anew with each registrar, at a number that nobody can know, so that answers of one are not offered to another.
/// </remarks>
/// <param name="settings">How much is taken.</param>
/// <param name="firstSequence">Where the count of changes begins.</param>
internal sealed partial class RegistrarMachine(RegistrarSettings settings, long firstSequence)
{
    private readonly SiteTable _sites = new(settings.SitesMax);
    private readonly CachedQueries _cached = new(settings);
    private readonly Dictionary<SiteName, SitePlace> _places = [];
    private readonly long _firstSequence = firstSequence;
    private readonly Queue<SiteName> _dead = new();
    private int _probes;

    public RegistrarSettings Settings => settings;

    /// <summary>The count of changes.</summary>
    public long Sequence { get; private set; } = firstSequence;

    /// <summary>How many sites are registered.</summary>
    public int SiteCount => _sites.Count;

    /// <summary>How many answers are known to be kept.</summary>
    public int CachedCount => _cached.Count;

    /// <summary>Notes where a site is served now.</summary>
    public void Locate(SitePlace place)
    {
        var name = place.Named.Site;
        var before = _places.GetValueOrDefault(name);
        if (before?.Version > place.Version)
        {
            return;
        }

        _places[name] = place;
        if (before?.LeaseId != place.LeaseId)
        {
            // Another machine, or one that has begun anew, keeps no answers yet.
            _cached.Drop(name);
        }

        if (_sites.Find(name) is { } site)
        {
            site.Place = place;
            if (place.LeaseId is not null && (before?.LeaseId is null || (site.IsDead && before.LeaseId != place.LeaseId)))
            {
                // Answers that were gathered while nobody served the site have nothing of it. A machine that comes is another than the one that was found dead.
                site.IsDead = false;
                site.ChangedAt = ++Sequence;
            }
        }
    }

    /// <summary>Where a site is served, as far as that was noted.</summary>
    public SitePlace? PlaceOf(SiteName site) => _places.GetValueOrDefault(site);

    /// <summary>Takes a report of sites that do not answer.</summary>
    public Refusal? ReportSilent(Asker asker, IReadOnlyList<SiteName> sites, TimeSpan now, RegistrarOutbox output)
    {
        if (!asker.IsSignedIn)
        {
            return new(RefusalKind.SignInFirst, "Sign in to report sites that are silent.");
        }

        if (sites.Count > RegistrarBounds.ReportedMax)
        {
            return new(RefusalKind.Invalid, $"A report names at most {RegistrarBounds.ReportedMax} sites.");
        }

        foreach (var name in sites)
        {
            if (_probes < settings.ProbesMax
                && _sites.Find(name) is { IsProbed: false } site
                && site.IsNamed(now)
                && !(site.ProbedAt + settings.ProbeInterval > now))
            {
                site.IsProbed = true;
                site.ProbedAt = now;
                _probes++;
                output.Probes.Add(name);
            }
        }

        return null;
    }

    /// <summary>Learns what a look for a site has found.</summary>
    /// <param name="name">The site.</param>
    /// <param name="leaseId">The lease of the machine that was looked for; null where there was none.</param>
    /// <param name="isAlive">Whether it answers.</param>
    public void Probed(SiteName name, string? leaseId, bool isAlive)
    {
        _probes--;
        if (_sites.Find(name) is not { IsProbed: true } site)
        {
            return;
        }

        site.IsProbed = false;
        if (isAlive && site.IsDead)
        {
            site.IsDead = false;
            site.ChangedAt = ++Sequence;
        }

        // Where another machine serves the site by now, nothing was found out of that one.
        if (!isAlive && site.Place.LeaseId == leaseId)
        {
            if (!site.IsDead)
            {
                site.IsDead = true;
                site.ChangedAt = ++Sequence;
                site.ProbedAgainAt = site.ProbedAt;
                _cached.Drop(name);
            }

            _dead.Enqueue(name);
        }
    }

    /// <summary>Takes the offer of a peer to answer a query for others of the same rights.</summary>
    public Refusal? OfferCached(Asker asker, string key, long sequence, TimeSpan now)
    {
        if (!asker.IsSignedIn || asker.Site is not { } keeper)
        {
            return new(RefusalKind.SignInFirst, "Sign in at the peer to keep answers for others.");
        }

        if (key.Length is 0 or > RegistrarBounds.KeyLengthMax)
        {
            return new(RefusalKind.Invalid, $"A key has 1 to {RegistrarBounds.KeyLengthMax} characters.");
        }

        if (sequence < _firstSequence || sequence > Sequence)
        {
            return new(RefusalKind.Invalid, "The answer was gathered from no list of this registrar.");
        }

        if (_sites.Find(keeper) is not { } site || !site.IsNamed(now))
        {
            return new(RefusalKind.Forbidden, $"{keeper} is not registered: only who is found can be asked.");
        }

        _cached.Add(key, asker.Rights, keeper, sequence, now);
        return null;
    }

    /// <summary>Forgets sites of which nothing was heard for too long, and answers that are too old.</summary>
    public void Expire(TimeSpan now, RegistrarOutbox output)
    {
        _cached.Expire(now);
        ProbeAgain(now, output);
        while (_sites.Oldest is { IsBusy: false } oldest && oldest.ExpiresAt <= now)
        {
            Forget(oldest, output);
        }
    }

    /// <summary>Notes that the vectors have nothing of a number any more.</summary>
    public void Free(int number) => _sites.Free(number);

    /// <summary>One look may have come at a bad moment: who was found dead is looked for again, until it is found or forgotten.</summary>
    private void ProbeAgain(TimeSpan now, RegistrarOutbox output)
    {
        for (var count = _dead.Count; count > 0 && _probes < settings.ProbesMax; count--)
        {
            var name = _dead.Dequeue();
            if (_sites.Find(name) is not { IsDead: true, IsProbed: false } site)
            {
                continue;
            }

            if (site.ProbedAgainAt is { } again && again + (settings.ProbeInterval * 3) > now)
            {
                _dead.Enqueue(name);
                continue;
            }

            site.IsProbed = true;
            site.ProbedAgainAt = now;
            _probes++;
            output.Probes.Add(name);
        }
    }

    private void Forget(RegisteredSite site, RegistrarOutbox output)
    {
        _sites.Remove(site);
        _cached.Drop(site.Name);
        output.Forgotten.Add(site.Number);
    }
}
