using System.Text.Json;
using Microsoft.AspNetCore.Http;
using P2P.YouServ.Http;

namespace P2P.YouSearch.Http;

/// <summary>Is the page on which people search. Its script fills it (<c>Pages/search.js</c>).</summary>
internal static class SearchPage
{
    /// <summary>Sends the page.</summary>
    public static Task WriteAsync(HttpContext context, SearchPlace place)
    {
        var headers = context.Response.Headers;
        headers.ContentSecurityPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";
        headers.XContentTypeOptions = "nosniff";
        headers.CacheControl = "no-store";
        headers["Referrer-Policy"] = "same-origin";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        headers["X-Robots-Tag"] = "noindex";
        context.Response.ContentType = "text/html; charset=utf-8";
        return context.Response.WriteAsync(Of(place, context.Request.Query["q"].ToString()), context.RequestAborted);
    }

    private static string Of(SearchPlace place, string query) => Html.Of($"""
        <!doctype html>
        <html lang="en">
        <head>
          <meta charset="utf-8">
          <meta name="viewport" content="width=device-width, initial-scale=1">
          <meta name="color-scheme" content="light dark">
          <title>Search · {place.Name}</title>
          <link rel="stylesheet" href="{place.SharedAssets}/youserv.css">
          <link rel="stylesheet" href="{place.Path}assets/search.css">
          <link rel="icon" href="{place.SharedAssets}/youserv.svg" type="image/svg+xml">
          <script type="module" src="{place.Path}assets/search.js"></script>
        </head>
        <body data-path="{place.Path}" data-place="{place.Name}" data-site="{place.Site}" data-is-owner="{(place.IsOwner ? "yes" : "")}" data-groups="{JsonSerializer.Serialize(place.Groups.ToArray(), Wire.SearchJson.Default.StringArray)}">
          <header><a class="place" href="/">{place.Name}</a><nav>{place.Navigation}</nav></header>
          <main>
            <h1 class="unseen">Search</h1>
            {FormOf(place, query)}
            <noscript><p class="problem">Searching needs a script of this page, which your browser does not run.</p></noscript>
            <p id="note" class="faint">{place.Note}</p>
            <p id="said" class="unseen" role="status"></p>
            <div id="status" class="status" hidden>
              <div class="bar"><progress id="progress" max="1" value="0" aria-label="Sites that have answered"></progress></div>
              <p id="counts"></p>
              <p id="missing" class="faint"></p>
            </div>
            <p id="problem" class="problem" role="alert"></p>
            <div id="nothing" class="nothing" hidden>
              <p>Try fewer words, other words, or the beginning of a word: <kbd>umbr*</kbd> finds <i>umbrella</i> and <i>umbrellas</i>.</p>
              <p><button id="widen" class="small" type="button">Search without filters</button></p>
            </div>
            <p id="acts" class="row" hidden><button id="fresh" class="small" type="button">Ask all sites again</button><button id="save" class="small" type="button">Save as a page</button></p>
            <p id="done" class="done" role="status"></p>
            <ol id="hits" class="hits" aria-label="Documents found"></ol>
            {(place.IsOwner ? OwnPart : Html.Empty)}
          </main>
        </body>
        </html>
        """).Text;

    private static Html FormOf(SearchPlace place, string query) => Html.Of($"""
        <form id="search" role="search" method="get" action="{place.Path}">
          <div class="ask">
            <input id="query" type="search" name="q" value="{query}" placeholder="Search everyone’s sites" aria-label="Search for" autocomplete="off" autocapitalize="none" spellcheck="false" enterkeyhint="search" maxlength="{SearchQuery.LengthMax}"{(query.Length == 0 ? " autofocus" : "")}>
            <button class="primary">Search</button>
          </div>
          <div class="row filters">
            <label>Where <select id="where"><option value="">Everywhere</option></select></label>
            <label>Type <select id="type">
              <option value="">Any</option><option value="html">Web page</option><option value="md">Markdown</option><option value="txt">Text</option><option value="pdf">PDF</option><option value="docx">Word</option><option value="xlsx">Excel</option><option value="pptx">PowerPoint</option>
            </select></label>
            <span class="faint hints">You can type <kbd>"a phrase"</kbd> <kbd>begin*</kbd> <kbd>-without</kbd> <kbd>site:joe</kbd> <kbd>type:pdf</kbd></span>
          </div>
        </form>
        """);

    private static Html OwnPart { get; } = Html.Of($"""
        <section id="own" hidden aria-labelledby="own-title">
          <h2 id="own-title">Your searches</h2>
          <div id="saved-section" hidden><h3>Saved as pages</h3><ul id="saved" class="notes"></ul></div>
          <div id="recommended-section" hidden><h3>What you recommend</h3><ul id="recommended" class="notes"></ul></div>
          <details><summary>Private folders that more searches find</summary>
            <p class="faint">Documents that only some people may read are found by them when they search in a work group or at your site. Name a folder here, and all their searches find what is in it. To that end the coordinator keeps a summary of its words: it cannot list them, but it can try whether a word is there.</p>
            <ul id="summarized" class="notes"></ul>
            <form id="summarize" class="row"><input id="summarize-path" aria-label="A folder of your site" placeholder="A folder, such as projects/plans" autocapitalize="none" spellcheck="false" required><button>Add</button></form>
          </details>
        </section>
        <dialog id="recommend" aria-labelledby="recommend-heading"><form class="stacked">
          <h2 id="recommend-heading">Recommend <bdi id="recommend-title"></bdi></h2>
          <p class="faint">When members of the group search for the same, they see it first, and that you recommend it. It opens nothing: whoever may not read it sees nothing of it.</p>
          <label>To the group <select id="recommend-group"></select></label>
          <p class="problem" role="alert"></p>
          <div class="row"><button class="primary">Recommend</button><button class="cancel" type="button">Cancel</button></div>
        </form></dialog>
        <dialog id="save-as" aria-labelledby="save-heading"><form class="stacked">
          <h2 id="save-heading">Save as a page</h2>
          <p class="faint">The page becomes a file of your site, with titles and passages of what was found. It stays as it is until you refresh it.</p>
          <label class="choice"><input type="radio" name="kept" value="public" checked> <span>Only what everyone may read <span id="kept-public" class="faint"></span></span></label>
          <label class="choice"><input type="radio" name="kept" value="all"> <span>All that I may read: whoever may read the page sees passages of private documents too</span></label>
          <p class="problem" role="alert"></p>
          <div class="row"><button class="primary">Save</button><button class="cancel" type="button">Cancel</button></div>
        </form></dialog>
        """);
}

/// <summary>Is where the page stands, and for whom.</summary>
internal sealed record SearchPlace
{
    /// <summary>Whose page it is: the zone, or a site's host.</summary>
    public required string Name { get; init; }

    /// <summary>The path of the page, with a slash at its end; what it needs is below it.</summary>
    public required string Path { get; init; }

    /// <summary>Where the style of all pages is.</summary>
    public required string SharedAssets { get; init; }

    /// <summary>The name of the site whose page it is; empty at the coordinator.</summary>
    public string Site { get; init; } = "";

    /// <summary>Whether who looks at it owns the site.</summary>
    public bool IsOwner { get; init; }

    /// <summary>The groups in which who looks at it may search.</summary>
    public IEnumerable<string> Groups { get; init; } = [];

    /// <summary>What stands beside the place.</summary>
    public Html Navigation { get; init; }

    /// <summary>What is to be known before searching.</summary>
    public Html Note { get; init; }
}
