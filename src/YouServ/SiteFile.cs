namespace P2P.YouServ;

/// <summary>Is a file of a site as it was at one moment.</summary>
/// <param name="Path">Where it is in the site.</param>
/// <param name="Length">Its length in bytes.</param>
/// <param name="ModifiedAt">When its content was changed last.</param>
/// <param name="Stamp">What tells this state of the file from every other without reading it; text of at most 100 characters.</param>
public sealed record SiteFile(SitePath Path, long Length, DateTimeOffset ModifiedAt, string Stamp);
