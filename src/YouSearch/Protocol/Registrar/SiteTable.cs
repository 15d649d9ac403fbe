using P2P.YouServ;

namespace P2P.YouSearch.Protocol;

/// <summary>Knows the registered sites by name, by number and by group, and which of them was not heard for longest.</summary>
internal sealed class SiteTable(int sitesMax)
{
    private readonly Dictionary<SiteName, RegisteredSite> _byName = [];
    private readonly Dictionary<string, HashSet<int>> _byGroup = [];
    private readonly List<RegisteredSite?> _byNumber = [];
    private readonly LinkedList<RegisteredSite> _byExpiry = [];

    // Numbers that no site has and no vector: low ones first, so that sets of them stay short.
    private readonly PriorityQueue<int, int> _free = new();

    public int Count => _byName.Count;

    /// <summary>Whether all numbers are taken, those included whose vectors are still being removed.</summary>
    public bool IsFull => _free.Count == 0 && _byNumber.Count == sitesMax;

    /// <summary>The site that was not heard for longest.</summary>
    public RegisteredSite? Oldest => _byExpiry.First?.Value;

    public RegisteredSite? Find(SiteName name) => _byName.GetValueOrDefault(name);

    public RegisteredSite? At(int number) => (uint)number < (uint)_byNumber.Count ? _byNumber[number] : null;

    public IReadOnlyCollection<int> InGroup(string group) => _byGroup.TryGetValue(group, out var numbers) ? numbers : [];

    public RegisteredSite Add(SiteName name, SitePlace place)
    {
        if (!_free.TryDequeue(out var number, out _))
        {
            number = _byNumber.Count;
            _byNumber.Add(null);
        }

        var site = new RegisteredSite(name, number, place);
        _byNumber[number] = site;
        _byName.Add(name, site);
        site.Turn = _byExpiry.AddLast(site);
        return site;
    }

    /// <summary>Gives a site more time. All get the same, so the order of those that were heard is that in which they expire.</summary>
    public void Prolong(RegisteredSite site, TimeSpan expiresAt)
    {
        site.ExpiresAt = expiresAt;
        _byExpiry.Remove(site.Turn!);
        _byExpiry.AddLast(site.Turn!);
    }

    public void SetGroups(RegisteredSite site, IReadOnlySet<string> groups)
    {
        foreach (var group in site.Groups)
        {
            if (_byGroup.TryGetValue(group, out var numbers) && numbers.Remove(site.Number) && numbers.Count == 0)
            {
                _byGroup.Remove(group);
            }
        }

        site.Groups = groups;
        foreach (var group in groups)
        {
            if (!_byGroup.TryGetValue(group, out var numbers))
            {
                _byGroup.Add(group, numbers = []);
            }

            numbers.Add(site.Number);
        }
    }

    /// <summary>Removes a site. Its number is free when the vectors have nothing of it any more.</summary>
    public void Remove(RegisteredSite site)
    {
        SetGroups(site, new HashSet<string>());
        _byName.Remove(site.Name);
        _byNumber[site.Number] = null;
        _byExpiry.Remove(site.Turn!);
    }

    public void Free(int number)
    {
        _free.Enqueue(number, number);
    }
}
