using P2P.YouSearch.Protocol;

namespace P2P.YouSearch;

/// <summary>Sets a registrar up.</summary>
public sealed class RegistrarOptions
{
    /// <summary>How many sites are known at once; 1 to 1,000,000, default 100,000. At the bound, new ones are refused.</summary>
    public int SitesMax { get; set; } = 100_000;

    /// <summary>How many sites are named at once; 1 to 100,000, default 5,000. More make answers longer, for questions that are too vague to be worth it.</summary>
    public int CandidatesMax { get; set; } = 5_000;

    /// <summary>How long a site is known of which nothing is heard; 1 min to 1 day, default 15 min. More names sites for longer that nobody serves.</summary>
    public TimeSpan SiteLifetime { get; set; } = TimeSpan.FromMinutes(15);

    /// <summary>How often sites are to be heard; 1 s to 1 day and less than <see cref="SiteLifetime"/>, default 5 min. Less makes more requests.</summary>
    public TimeSpan RefreshInterval { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>How long others may be led to an answer that somebody has gathered; 0 to 1 day, default 5 min.</summary>
    public TimeSpan CachedLifetime { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>How many sites are looked for at once that are said to be silent; 1 to 1,000, default 32.</summary>
    public int ProbesMax { get; set; } = 32;

    /// <summary>How many bytes the summaries may take, those of what is public and those for members each; default 1 GiB. A site takes three times the length of its vectors.</summary>
    public long MemoryMax { get; set; } = 1L << 30;

    /// <summary>How many requests of one user are answered in a second, on average; 1 to 100,000, default 20. Ten times as many may come together.</summary>
    public int UserRequestsPerSecond { get; set; } = 20;

    /// <summary>How many requests that come from one address are; 1 to 100,000, default 500: the peers of an organisation may share one.</summary>
    public int AddressRequestsPerSecond { get; set; } = 500;

    /// <summary>How long a site has to answer those who search from the coordinator's pages; 100 ms to 1 min, default 2 s.</summary>
    public TimeSpan SiteDeadline { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>How long their searches take at most; 100 ms to 5 min, default 10 s.</summary>
    public TimeSpan SearchDeadline { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How many sites each of these searches asks at once; 1 to 1,000, default 64.</summary>
    public int SitesTogether { get; set; } = 64;

    /// <summary>
    /// Where the processes are that hold one vector each of all summaries, in their order: three or none. Default none: this process holds all. They belong to this registrar alone.
    /// </summary>
    public IList<Uri> VectorHolders { get; } = [];

    /// <summary>What proves to these that the registrar asks; at least 16 characters where there are any.</summary>
    public string VectorSecret { get; set; } = "";

    /// <summary>Makes what calls these go through, such as a wire that checks certificates in a way of its own; the framework's if null.</summary>
    public Func<HttpMessageHandler>? VectorHandler { get; set; }

    internal RegistrarSettings ToSettings() => new()
    {
        Parts = VectorHolders.Count > 0 ? SummaryFilter.Vectors : 1,
        SitesMax = SitesMax,
        CandidatesMax = CandidatesMax,
        Lifetime = SiteLifetime,
        RefreshInterval = RefreshInterval,
        CachedLifetime = CachedLifetime,
        ProbesMax = ProbesMax,
    };

    internal void Validate()
    {
        Check(nameof(SitesMax), SitesMax, 1, 1_000_000);
        Check(nameof(CandidatesMax), CandidatesMax, 1, 100_000);
        Check(nameof(SiteLifetime), SiteLifetime, TimeSpan.FromMinutes(1), TimeSpan.FromDays(1));
        Check(nameof(RefreshInterval), RefreshInterval, TimeSpan.FromSeconds(1), SiteLifetime);
        Check(nameof(CachedLifetime), CachedLifetime, TimeSpan.Zero, TimeSpan.FromDays(1));
        Check(nameof(ProbesMax), ProbesMax, 1, 1_000);
        Check(nameof(SiteDeadline), SiteDeadline, TimeSpan.FromMilliseconds(100), TimeSpan.FromMinutes(1));
        Check(nameof(SearchDeadline), SearchDeadline, TimeSpan.FromMilliseconds(100), TimeSpan.FromMinutes(5));
        Check(nameof(SitesTogether), SitesTogether, 1, 1_000);
        Check(nameof(MemoryMax), MemoryMax, 0, long.MaxValue);
        Check(nameof(UserRequestsPerSecond), UserRequestsPerSecond, 1, 100_000);
        Check(nameof(AddressRequestsPerSecond), AddressRequestsPerSecond, 1, 100_000);
        if (VectorHolders.Count != 0 && VectorHolders.Count != SummaryFilter.Vectors)
        {
            throw new YouSearchException($"{nameof(RegistrarOptions)}.{nameof(VectorHolders)} must be {SummaryFilter.Vectors} or none, not {VectorHolders.Count}.");
        }

        if (VectorHolders.Count > 0 && VectorSecret.Length < VectorOptions.SecretLengthMin)
        {
            throw new YouSearchException($"{nameof(RegistrarOptions)}.{nameof(VectorSecret)} must have at least {VectorOptions.SecretLengthMin} characters.");
        }
    }

    private static void Check<T>(string name, T value, T min, T max)
        where T : IComparable<T>
    {
        if (value.CompareTo(min) < 0 || value.CompareTo(max) > 0)
        {
            throw new YouSearchException($"{nameof(RegistrarOptions)}.{name} must be between {min} and {max}; it is {value}.");
        }
    }
}
