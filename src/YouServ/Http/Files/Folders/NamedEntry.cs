namespace P2P.YouServ.Http.Files;

/// <summary>One of the things in a folder; a link counts as what it leads to.</summary>
/// <param name="Name">The name.</param>
/// <param name="Entry">What it is.</param>
internal readonly record struct NamedEntry(string Name, SiteEntry Entry);
