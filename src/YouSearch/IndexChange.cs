using P2P.YouServ;

namespace P2P.YouSearch;

/// <summary>Says what has become of a file since the index was last brought up to date.</summary>
public abstract record IndexChange
{
    private IndexChange()
    {
    }

    /// <summary>A file is new, or has another content: this replaces what the index has of its path.</summary>
    /// <param name="File">The file.</param>
    /// <param name="Length">Its length in bytes.</param>
    /// <param name="ModifiedAt">When it was changed last.</param>
    /// <param name="Text">What can be read in it; null where no extractor knows its kind, or it could not be read: then its name is all that is found.</param>
    public sealed record Put(IndexedFile File, long Length, DateTimeOffset ModifiedAt, ExtractedText? Text) : IndexChange;

    /// <summary>A file has another name, stamp or area, and the same content. What the index had of the new path gives way.</summary>
    /// <param name="From">Where it was.</param>
    /// <param name="File">What it is now.</param>
    /// <param name="ModifiedAt">When it was changed last.</param>
    public sealed record Moved(SitePath From, IndexedFile File, DateTimeOffset ModifiedAt) : IndexChange;

    /// <summary>A file is gone.</summary>
    /// <param name="Path">Where it was.</param>
    public sealed record Removed(SitePath Path) : IndexChange;
}
