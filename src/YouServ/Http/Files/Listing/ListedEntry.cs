namespace P2P.YouServ.Http.Files;

/// <summary>One line of a listing.</summary>
internal readonly record struct ListedEntry(string Name, bool IsFolder, long Bytes, DateTimeOffset Modified)
{
    /// <summary>Where it is, seen from its folder; the dot keeps a name with a colon from being taken for a scheme.</summary>
    public string Reference => $"./{Uri.EscapeDataString(Name)}{(IsFolder ? "/" : "")}";
}
