using Microsoft.AspNetCore.Http;

namespace P2P.YouServ.Http.Files;

/// <summary>By what a listing is sorted, and which page of it is shown; folders come first in any order.</summary>
/// <param name="Key">The column.</param>
/// <param name="IsDescending">Whether the last comes first.</param>
/// <param name="Page">The page, from 1.</param>
internal readonly record struct ListingOrder(ListingOrder.Column Key, bool IsDescending, int Page)
{
    public enum Column
    {
        Name,
        Size,
        Time,
    }

    /// <summary>Reads the parameters <c>sort</c>, <c>order</c> and <c>page</c>; what makes no sense counts as not said.</summary>
    public static ListingOrder Of(IQueryCollection query) => new(
        query["sort"].ToString() switch { "size" => Column.Size, "time" => Column.Time, _ => Column.Name },
        query["order"] == "desc",
        int.TryParse(query["page"], out var page) ? Math.Max(page, 1) : 1);

    /// <summary>The parameters that lead to another order or page.</summary>
    public string Query => $"?sort={Key.ToString().ToLowerInvariant()}&order={(IsDescending ? "desc" : "asc")}&page={Page}";

    public int Compare(ListedEntry a, ListedEntry b)
    {
        if (a.IsFolder != b.IsFolder)
        {
            return a.IsFolder ? -1 : 1;
        }

        var byKey = Key switch
        {
            Column.Size => a.Bytes.CompareTo(b.Bytes),
            Column.Time => a.Modified.CompareTo(b.Modified),
            _ => 0,
        };
        byKey = byKey != 0 ? byKey : StringComparer.OrdinalIgnoreCase.Compare(a.Name, b.Name);
        byKey = byKey != 0 ? byKey : string.CompareOrdinal(a.Name, b.Name);
        return IsDescending ? -byKey : byKey;
    }
}
