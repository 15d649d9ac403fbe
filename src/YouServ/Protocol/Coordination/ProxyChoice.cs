namespace P2P.YouServ.Protocol;

/// <summary>Chooses who carries the connections of a peer that nobody can reach.</summary>
internal static class ProxyChoice
{
    /// <summary>Chooses one of those that have the least to carry; of equals one by chance, so that many who ask at once don't all get the same.</summary>
    /// <param name="proxies">Who is willing, and what each carries.</param>
    /// <param name="site">Whose connections are to be carried.</param>
    /// <param name="excluding">Who was tried in vain.</param>
    /// <param name="random">Any number.</param>
    public static SiteRecord? Choose(IReadOnlyList<(SiteRecord Site, long Load)> proxies, SiteName site, IReadOnlyCollection<string> excluding, int random)
    {
        var able = proxies.Where(proxy => proxy.Site.Name != site && !excluding.Contains(proxy.Site.Name.Value)).ToArray();
        var least = able.Where(proxy => proxy.Load == able.Min(other => other.Load)).ToArray();
        return least.Length == 0 ? null : least[(int)((uint)random % least.Length)].Site;
    }
}
