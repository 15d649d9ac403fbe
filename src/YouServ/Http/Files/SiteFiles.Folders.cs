using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;
using P2P.YouServ.Protocol;

namespace P2P.YouServ.Http.Files;

/// <summary>Folders: their first page, or else what is in them, which <c>?list</c> asks for in any case.</summary>
internal sealed partial class SiteFiles
{
    private const string FirstPage = "index.html";

    private async ValueTask ServeFolderAsync(HttpContext context, SitePath folder, Visitor visitor)
    {
        var (request, response) = (context.Request, context.Response);
        if (!NamesFolder(request) && !folder.IsRoot)
        {
            // Relative to the address as the visitor wrote it, and not for ever: it may be a file tomorrow.
            response.StatusCode = StatusCodes.Status307TemporaryRedirect;
            response.Headers.Location = $"./{Uri.EscapeDataString(folder.Name)}/{request.QueryString}";
        }
        else if (request.QueryString.HasValue && request.Query.ContainsKey("zip"))
        {
            await SendZipAsync(context, folder, visitor).ConfigureAwait(false);
        }
        else if (!(request.QueryString.HasValue && request.Query.ContainsKey("list")) && IsFirstPage(folder.Append(FirstPage), visitor))
        {
            await ServeFileAsync(context, folder.Append(FirstPage), visitor).ConfigureAwait(false);
        }
        else
        {
            await SendListingAsync(context, folder, visitor).ConfigureAwait(false);
        }
    }

    private bool IsFirstPage(SitePath page, Visitor visitor) =>
        _folder.Find(page).Kind == EntryKind.File && Spelling.IsExact(_folder, page) && _access.Decide(visitor, page) == AccessDecision.Granted;

    private async ValueTask SendListingAsync(HttpContext context, SitePath folder, Visitor visitor)
    {
        var (request, response) = (context.Request, context.Response);
        var listing = FolderListing.Read(_folder, folder, _access, visitor, _options, ListingOrder.Of(request.Query));
        var isForPrograms = IsForPrograms(request);
        var content = isForPrograms ? ListingJson.Write(listing) : ListingPage.Write(listing, _options.Entries);
        FileReply.SetPolicy(response, ListingPage.ContentSecurityPolicy, _access.IsPublic(folder));
        response.Headers.CacheControl = FileReply.Private;
        response.Headers.Vary = "Accept";
        response.ContentType = isForPrograms ? ListingJson.ContentType : ListingPage.ContentType;
        response.ContentLength = content.Length;
        if (!HttpMethods.IsHead(request.Method))
        {
            await Write(context, content).ConfigureAwait(false);
        }
    }

    private static bool IsForPrograms(HttpRequest request)
    {
        var accepted = request.GetTypedHeaders().Accept;
        return QualityOf(accepted, "application/json") > QualityOf(accepted, "text/html");

        static double QualityOf(IList<MediaTypeHeaderValue> accepted, string type) =>
            accepted.Where(each => each.MediaType.Equals(type, StringComparison.OrdinalIgnoreCase)).Select(each => each.Quality ?? 1).DefaultIfEmpty(0).Max();
    }

    private async ValueTask SendZipAsync(HttpContext context, SitePath folder, Visitor visitor)
    {
        var response = context.Response;
        FileReply.SetPolicy(response, ListingPage.ContentSecurityPolicy, isPublic: false);
        response.ContentType = "application/zip";
        SetDownloadName(response, $"{(folder.IsRoot ? "site" : folder.Name)}.zip");
        if (!HttpMethods.IsHead(context.Request.Method))
        {
            await new FolderZip(_folder, _access, _options).SendAsync(context, folder, visitor).ConfigureAwait(false);
        }
    }

    private static void SetDownloadName(HttpResponse response, string name)
    {
        var disposition = new ContentDispositionHeaderValue("attachment");
        disposition.SetHttpFileName(name);
        response.Headers.ContentDisposition = disposition.ToString();
    }
}
