using P2P.YouSearch.Extraction;

namespace P2P.YouSearch;

/// <summary>Sets the search of a peer up.</summary>
public sealed class YouSearchOptions
{
    /// <summary>Where indexes and notes are kept; default the folder <c>search</c> in the peer's state folder.</summary>
    public string StateFolder { get; set; } = "";

    /// <summary>What reads documents, in the order in which they are asked; default <see cref="TextExtractors.Default"/>. What none of them reads is found by its name.</summary>
    public IList<ITextExtractor> Extractors { get; } = [.. TextExtractors.Default];

    /// <summary>Bounds what is read of one document.</summary>
    public ExtractionLimits ExtractionLimits { get; set; } = new();

    /// <summary>How many files of a site are indexed; 1 to 1,000,000, default 200,000. What comes after them is not found.</summary>
    public int FilesMax { get; set; } = 200_000;

    /// <summary>How often a site is looked at for changes of which the system did not tell; 1 s to 1 day, default 3 min.</summary>
    public TimeSpan RescanInterval { get; set; } = TimeSpan.FromMinutes(3);

    /// <summary>Whether the peer answers others, and tells the registrar of its site; default yes. Without it, the owner alone searches the site.</summary>
    public bool AnswersOthers { get; set; } = true;

    /// <summary>How long a site has to answer; 100 ms to 1 min, default 2 s.</summary>
    public TimeSpan SiteDeadline { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>How long a search takes at most; 100 ms to 5 min, default 10 s.</summary>
    public TimeSpan Deadline { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How many sites are asked at once, slow ones not counted; 1 to 1,000, default 128. More finds sooner, and takes more of the machine and its line.</summary>
    public int SitesTogether { get; set; } = 128;

    /// <summary>How long an answer may be shown to others after it was gathered; 1 s to 5 min, default 5 min.</summary>
    public TimeSpan CacheLifetime { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>How many bytes of answers are kept for others; default 32 MiB. Those that were gathered first give way.</summary>
    public long CacheBytes { get; set; } = 32 << 20;

    /// <summary>The folder of one's own site in which pages of saved searches lie; default <c>searches</c>. Without a rule of its own, nobody but the owner reads it. What is in it is not searched.</summary>
    public string SavedFolder { get; set; } = "searches";

    internal void Validate()
    {
        Check(nameof(FilesMax), FilesMax, 1, 1_000_000);
        Check(nameof(RescanInterval), RescanInterval, TimeSpan.FromSeconds(1), TimeSpan.FromDays(1));
        Check(nameof(SiteDeadline), SiteDeadline, TimeSpan.FromMilliseconds(100), TimeSpan.FromMinutes(1));
        Check(nameof(Deadline), Deadline, TimeSpan.FromMilliseconds(100), TimeSpan.FromMinutes(5));
        Check(nameof(SitesTogether), SitesTogether, 1, 1000);
        Check(nameof(CacheLifetime), CacheLifetime, TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(5));
        Check(nameof(CacheBytes), CacheBytes, 0, 1L << 40);
        if (!YouServ.SitePath.TryParse(SavedFolder, out var folder) || folder.IsHidden)
        {
            throw new YouSearchException($"{nameof(YouSearchOptions)}.{nameof(SavedFolder)} must name a folder of the site; it is '{SavedFolder}'.");
        }
    }

    private static void Check<T>(string name, T value, T min, T max)
        where T : IComparable<T>
    {
        if (value.CompareTo(min) < 0 || value.CompareTo(max) > 0)
        {
            throw new YouSearchException($"{nameof(YouSearchOptions)}.{name} must be {min} to {max}; it is {value}.");
        }
    }
}
