namespace P2P.YouServ.Http;

/// <summary>Is what all pages that we render have around their content.</summary>
internal static class PageLayout
{
    /// <summary>Writes how people come to what others have added.</summary>
    public static Html Entries(IEnumerable<PageEntry> entries) => Html.Join(entries.Select(entry => entry.QueryName is null
        ? Html.Of($"""<a href="{entry.Path}">{entry.Title}</a> """)
        : Html.Of($"""<form role="search" class="search-box" method="get" action="{entry.Path}"><input type="search" name="{entry.QueryName}" placeholder="{entry.Title}" aria-label="{entry.Title}" required></form> """)));

    /// <param name="title">The page's name.</param>
    /// <param name="place">Whose page it is: the zone, or a site's host.</param>
    /// <param name="navigation">What stands beside the place.</param>
    /// <param name="content">The page.</param>
    /// <param name="assets">Where style and scripts are found.</param>
    /// <param name="script">A script of ours that the page needs; null without one.</param>
    public static string Of(string title, string place, Html navigation, Html content, string assets = "/assets", string? script = null)
    {
        var scripts = script is null ? Html.Empty : Html.Of($"""<script type="module" src="{assets}/{script}"></script>""");
        return Html.Of($"""
            <!doctype html>
            <html lang="en">
            <head>
              <meta charset="utf-8">
              <meta name="viewport" content="width=device-width, initial-scale=1">
              <meta name="color-scheme" content="light dark">
              <title>{title} · {place}</title>
              <link rel="stylesheet" href="{assets}/youserv.css">
              <link rel="icon" href="{assets}/youserv.svg" type="image/svg+xml">
              {scripts}
            </head>
            <body>
              <header><a class="place" href="/">{place}</a>{navigation}</header>
              <main>{content}</main>
            </body>
            </html>
            """).Text;
    }
}
