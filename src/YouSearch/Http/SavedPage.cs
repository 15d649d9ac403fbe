using System.Globalization;
using P2P.YouSearch.Wire;
using P2P.YouServ.Http;

namespace P2P.YouSearch.Http;

/// <summary>Writes what a search has found as a page that stays.</summary>
internal static class SavedPage
{
    private const string Style =
        """
        :root{color-scheme:light dark}body{margin:0 auto;max-width:44rem;padding:1.5rem 1rem 3rem;font:1rem/1.5 system-ui,sans-serif;color:light-dark(#1b1f27,#e8eaee);background:light-dark(#f7f8fa,#14161a);overflow-wrap:anywhere}
        a{color:light-dark(#1d4ed8,#7aa2ff);text-underline-offset:.15em}a:focus-visible{outline:3px solid;outline-offset:2px}h1{font-size:1.4rem;line-height:1.25;margin:0}h2{font-size:1.05rem;margin:0}h2 a{text-decoration:none}h2 a:hover{text-decoration:underline}
        ol{list-style:none;margin:1.5rem 0;padding:0;display:grid;gap:.75rem}li{min-width:0;padding:.75rem 1rem;background:light-dark(#fff,#1d2026);border:1px solid light-dark(#dfe3e9,#2f343d);border-radius:.75rem}
        p{margin:.25rem 0 0}.passage{white-space:pre-line}.where,.about{color:light-dark(#5b6472,#9aa3b2);font-size:.9rem}mark{background:light-dark(#fff1b8,#5c4d0b);color:inherit;border-radius:.15em}
        """;

    public static string Of(SearchQuery query, IReadOnlyList<SearchHit> shown, SearchResults results, DateTimeOffset now) => Html.Of($"""
        <!doctype html>
        <html lang="en">
        <head>
          <meta charset="utf-8">
          <meta name="viewport" content="width=device-width, initial-scale=1">
          <meta name="color-scheme" content="light dark">
          <title>Search for {query.Canonical}</title>
          <style>{new Html(Style)}</style>
        </head>
        <body>
          <h1>Search for <bdi>{query.Canonical}</bdi></h1>
          <p class="about">{CountOf(shown.Count)} as of <time datetime="{now.ToString("O", CultureInfo.InvariantCulture)}">{now.ToString("yyyy-MM-dd HH:mm 'UTC'", CultureInfo.InvariantCulture)}</time>.{MissingOf(results)} <a href="/.search/?q={Uri.EscapeDataString(query.Canonical)}">Search again</a></p>
          <ol>{Html.Join(shown.Select(HitOf))}</ol>
        </body>
        </html>
        """).Text;

    /// <summary>Writes a passage with its words marked.</summary>
    public static Html PassageOf(Snippet snippet)
    {
        var (parts, at) = (new List<Html>(), 0);
        foreach (var mark in snippet.Marks)
        {
            parts.Add(Html.Of($"{snippet.Text[at..mark.Start]}<mark>{snippet.Text.Substring(mark.Start, mark.Length)}</mark>"));
            at = mark.Start + mark.Length;
        }

        parts.Add(Html.Of($"{snippet.Text[at..]}"));
        return Html.Join(parts);
    }

    private static Html HitOf(SearchHit hit) => Html.Of($"""
        <li>
          <h2 dir="auto"><a href="{hit.Url.AbsoluteUri}">{hit.Title}</a></h2>
          <p class="where"><bdi>{hit.Site.Value}{DisplayText.Of(hit.Path.ToString())}</bdi></p>
          <p class="passage" dir="auto">{PassageOf(hit.Snippet)}</p>
        </li>
        """);

    private static string CountOf(int count) => count == 1 ? "1 document" : string.Create(CultureInfo.InvariantCulture, $"{count:n0} documents");

    private static Html MissingOf(SearchResults results) => (results.Progress.Silent + results.Progress.Away) switch
    {
        0 => Html.Empty,
        1 => Html.Of($" 1 site did not answer."),
        var count => Html.Of($" {count} sites did not answer."),
    };
}
