using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Unicode;

namespace P2P.YouServ.Http.Files;

/// <summary>Writes a listing for people: a table that reads well on a phone, with a keyboard, aloud, and without scripts.</summary>
internal static class ListingPage
{
    public const string ContentType = "text/html; charset=utf-8";

    /// <summary>Where the style sheet is served.</summary>
    public const string StyleSheet = "/.youserv/assets/listing.css";

    /// <summary>The page needs nothing but its style sheet.</summary>
    public const string ContentSecurityPolicy = "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'self'";

    private static readonly HtmlEncoder Html = HtmlEncoder.Create(UnicodeRanges.All);
    private static readonly string[] Units = ["bytes", "KB", "MB", "GB", "TB", "PB"];

    public static byte[] Write(FolderListing listing, IReadOnlyList<PageEntry> entries)
    {
        var page = new StringBuilder(4096);
        var title = listing.Folder.IsRoot ? "Files" : listing.Folder.Name;
        page.Append("<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n")
            .Append("<meta name=\"color-scheme\" content=\"light dark\">\n")
            .Append(CultureInfo.InvariantCulture, $"<title>{Html.Encode(title)}</title>\n<link rel=\"stylesheet\" href=\"{StyleSheet}\">\n</head>\n<body class=\"listing\">\n<header>\n").Append(PageLayout.Entries(entries).Text);
        WriteWay(page, listing.Folder);
        page.Append(CultureInfo.InvariantCulture, $"<h1 dir=\"auto\">{Html.Encode(title)}</h1>\n<p>{CountOf(listing)} <a href=\"?zip\" download>Download all as ZIP</a></p>\n</header>\n<main>\n");
        WriteTable(page, listing);
        WritePages(page, listing);
        page.Append("</main>\n</body>\n</html>\n");
        return Encoding.UTF8.GetBytes(page.ToString());
    }

    private static string CountOf(FolderListing listing)
    {
        var count = listing.Count.ToString("n0", CultureInfo.InvariantCulture);
        return listing.IsCut ? $"The first {count} of many entries." : listing.Count == 1 ? "1 entry." : $"{count} entries.";
    }

    private static void WriteWay(StringBuilder page, SitePath folder)
    {
        if (folder.IsRoot)
        {
            return;
        }

        var names = folder.Value.Split('/');
        page.Append("<nav aria-label=\"Folders above\">\n<ol>\n");
        for (var i = 0; i < names.Length; i++)
        {
            var up = string.Concat(Enumerable.Repeat("../", names.Length - i));
            page.Append(CultureInfo.InvariantCulture, $"<li><a href=\"{up}\">{(i == 0 ? "Files" : Html.Encode(names[i - 1]))}</a></li>\n");
        }

        page.Append("</ol>\n</nav>\n");
    }

    private static void WriteTable(StringBuilder page, FolderListing listing)
    {
        if (listing.Entries.Count == 0)
        {
            page.Append("<p>Nothing to see here.</p>\n");
            return;
        }

        page.Append("<table>\n<thead>\n<tr>\n");
        WriteColumn(page, listing.Order, ListingOrder.Column.Name, "Name");
        WriteColumn(page, listing.Order, ListingOrder.Column.Size, "Size");
        WriteColumn(page, listing.Order, ListingOrder.Column.Time, "Changed");
        page.Append("</tr>\n</thead>\n<tbody>\n");
        foreach (var entry in listing.Entries)
        {
            var time = entry.Modified.ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture);
            page.Append(CultureInfo.InvariantCulture, $"<tr class=\"{(entry.IsFolder ? "folder" : "file")}\"><td><a href=\"{Html.Encode(entry.Reference)}\"><bdi>{Html.Encode(entry.Name)}</bdi>{(entry.IsFolder ? "/" : "")}</a></td>")
                .Append(CultureInfo.InvariantCulture, $"<td class=\"size\">{(entry.IsFolder ? "" : SizeOf(entry.Bytes))}</td>")
                .Append(CultureInfo.InvariantCulture, $"<td class=\"time\"><time datetime=\"{entry.Modified.UtcDateTime:yyyy-MM-ddTHH:mm:ssZ}\">{time}</time></td></tr>\n");
        }

        page.Append("</tbody>\n</table>\n");
    }

    private static void WriteColumn(StringBuilder page, ListingOrder order, ListingOrder.Column column, string title)
    {
        var isSorted = order.Key == column;
        var sorted = isSorted ? $" aria-sort=\"{(order.IsDescending ? "descending" : "ascending")}\"" : "";
        var next = new ListingOrder(column, isSorted && !order.IsDescending, 1);
        page.Append(CultureInfo.InvariantCulture, $"<th scope=\"col\"{sorted}><a href=\"{Html.Encode(next.Query)}\">{title}</a></th>\n");
    }

    private static void WritePages(StringBuilder page, FolderListing listing)
    {
        var order = listing.Order;
        if (listing.Pages == 1)
        {
            return;
        }

        page.Append("<nav class=\"pages\" aria-label=\"Pages\">\n");
        if (order.Page > 1)
        {
            page.Append(CultureInfo.InvariantCulture, $"<a rel=\"prev\" href=\"{Html.Encode((order with { Page = order.Page - 1 }).Query)}\">Previous</a>\n");
        }

        page.Append(CultureInfo.InvariantCulture, $"<span>Page {order.Page} of {listing.Pages}</span>\n");
        if (order.Page < listing.Pages)
        {
            page.Append(CultureInfo.InvariantCulture, $"<a rel=\"next\" href=\"{Html.Encode((order with { Page = order.Page + 1 }).Query)}\">Next</a>\n");
        }

        page.Append("</nav>\n");
    }

    private static string SizeOf(long bytes)
    {
        var (value, unit) = ((double)bytes, 0);
        for (; value >= 1000 && unit < Units.Length - 1; unit++)
        {
            value /= 1000;
        }

        return $"{value.ToString(unit == 0 || value >= 100 ? "0" : "0.0", CultureInfo.InvariantCulture)} {Units[unit]}";
    }
}
