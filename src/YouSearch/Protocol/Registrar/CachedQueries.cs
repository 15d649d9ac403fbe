using P2P.YouServ;

namespace P2P.YouSearch.Protocol;

/// <summary>Knows who keeps which answers. At the bounds the oldest give way: of a peer that keeps too many its own, else those of anybody.</summary>
internal sealed class CachedQueries(RegistrarSettings settings)
{
    private readonly Dictionary<(string Key, string Rights), Kept> _byQuery = [];
    private readonly Dictionary<SiteName, LinkedList<Kept>> _byKeeper = [];
    private readonly LinkedList<Kept> _byAge = [];

    public int Count => _byQuery.Count;

    /// <summary>Finds who keeps an answer.</summary>
    /// <returns>The keeper and the registrar's count of changes at which the answer was gathered; null if nobody keeps one.</returns>
    public (SiteName Keeper, long Sequence)? Find(string key, string rights, TimeSpan now) =>
        _byQuery.TryGetValue((key, rights), out var kept) && kept.ExpiresAt > now ? (kept.Keeper, kept.Sequence) : null;

    /// <summary>Notes that a peer keeps an answer, unless another keeps a later one.</summary>
    public void Add(string key, string rights, SiteName keeper, long sequence, TimeSpan now)
    {
        if (_byQuery.TryGetValue((key, rights), out var before))
        {
            if (before.ExpiresAt > now && before.Sequence > sequence)
            {
                return;
            }

            Remove(before);
        }

        if (!_byKeeper.TryGetValue(keeper, out var own))
        {
            _byKeeper.Add(keeper, own = []);
        }

        if (own.Count >= settings.CachedPerSiteMax)
        {
            Remove(own.First!.Value);
        }
        else if (_byQuery.Count >= settings.CachedMax)
        {
            Remove(_byAge.First!.Value);
        }

        var kept = new Kept((key, rights), keeper, sequence, now + settings.CachedLifetime);
        _byQuery.Add(kept.Query, kept);
        kept.InAge = _byAge.AddLast(kept);

        // The keeper's list goes with its last answer, which may have been the one that gave way.
        _byKeeper.TryAdd(keeper, own);
        kept.InOwn = own.AddLast(kept);
    }

    /// <summary>Forgets what a peer keeps.</summary>
    public void Drop(SiteName keeper)
    {
        while (_byKeeper.TryGetValue(keeper, out var own))
        {
            Remove(own.First!.Value);
        }
    }

    /// <summary>Forgets what is too old. All live equally long, so the oldest expire first.</summary>
    public void Expire(TimeSpan now)
    {
        while (_byAge.First?.Value is { } oldest && oldest.ExpiresAt <= now)
        {
            Remove(oldest);
        }
    }

    private void Remove(Kept kept)
    {
        _byQuery.Remove(kept.Query);
        _byAge.Remove(kept.InAge!);
        var own = _byKeeper[kept.Keeper];
        own.Remove(kept.InOwn!);
        if (own.Count == 0)
        {
            _byKeeper.Remove(kept.Keeper);
        }
    }

    private sealed class Kept((string Key, string Rights) query, SiteName keeper, long sequence, TimeSpan expiresAt)
    {
        public (string Key, string Rights) Query { get; } = query;

        public SiteName Keeper { get; } = keeper;

        public long Sequence { get; } = sequence;

        public TimeSpan ExpiresAt { get; } = expiresAt;

        public LinkedListNode<Kept>? InAge { get; set; }

        public LinkedListNode<Kept>? InOwn { get; set; }
    }
}
