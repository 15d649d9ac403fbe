namespace P2P.YouServ;

/// <summary>Leads from our own pages to one that a plug-in, or the application, adds.</summary>
/// <param name="Title">What people read.</param>
/// <param name="Path">Where it leads on the same host, such as <c>/search/</c>.</param>
/// <param name="QueryName">The name under which what people type comes to that page; null for a mere link.</param>
public sealed record PageEntry(string Title, string Path, string? QueryName = null);
