using P2P.YouServ;

namespace P2P.YouSearch;

/// <summary>Says of a file what an index has to know to tell whether it has changed.</summary>
public sealed record IndexedFile
{
    /// <summary>Where it is in the site.</summary>
    public required SitePath Path { get; init; }

    /// <summary>What tells this state of the file from others without reading it.</summary>
    public required string Stamp { get; init; }

    /// <summary>The SHA-256 of its content, in hexadecimal: a file of another name with the same content needs no reading again, and hits of equal content are one.</summary>
    public required string Digest { get; init; }

    /// <summary>The part of the site to which it belongs for those who may read it: documents of one area are open to the same people.</summary>
    public required string Area { get; init; }

    /// <summary>Whether there is text of it in the index. What no extractor reads is found by its name alone.</summary>
    public bool HasText { get; init; }
}
