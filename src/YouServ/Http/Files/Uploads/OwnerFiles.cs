using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace P2P.YouServ.Http.Files;

/// <summary>
/// Lets the owner change the folder: <c>/uploads</c> takes files by tus, and <c>/mkdir</c>, <c>/move</c> and <c>/delete</c> take a JSON object with <c>path</c>, for a move also <c>to</c> and
/// <c>overwrite</c>. That it is the owner who asks, and from a page of the site, is made sure of before.
/// </summary>
internal sealed class OwnerFiles
{
    private const string UploadsPath = "/uploads";
    private const int RequestBytesMax = 32 << 10;

    private readonly SiteFolder _folder;
    private readonly SiteFilesOptions _options;
    private readonly TusEndpoint _uploads;
    private readonly IFolderRules _rules;

    public OwnerFiles(SiteFolder folder, SiteFiles files, IFolderRules rules, SiteFilesOptions options, TimeProvider time, Func<long>? freeBytes = null)
    {
        _folder = folder;
        _rules = rules;
        _options = options;
        _uploads = new(new UploadStore(folder, options, time, freeBytes ?? folder.FreeBytes), files, options);
    }

    /// <summary>Answers a request.</summary>
    /// <param name="context">The request.</param>
    /// <param name="rest">What the path says after the prefix of these requests, such as <c>/uploads/7f…</c> or <c>/move</c>.</param>
    public async ValueTask HandleAsync(HttpContext context, string rest)
    {
        if (rest == UploadsPath || rest.StartsWith(UploadsPath + "/", StringComparison.Ordinal))
        {
            await _uploads.HandleAsync(context, rest[UploadsPath.Length..].Trim('/')).ConfigureAwait(false);
            return;
        }

        Func<OwnerRequest, ValueTask<int?>>? change = rest switch
        {
            "/mkdir" => CreateFolder,
            "/move" => Move,
            "/delete" => Delete,
            _ => null,
        };
        if (change is null)
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
        }
        else if (!HttpMethods.IsPost(context.Request.Method))
        {
            context.Response.StatusCode = StatusCodes.Status405MethodNotAllowed;
            context.Response.Headers.Allow = "POST";
        }
        else if (!context.Request.HasJsonContentType())
        {
            context.Response.StatusCode = StatusCodes.Status415UnsupportedMediaType;
        }
        else
        {
            var request = await ReadAsync(context).ConfigureAwait(false);
            context.Response.StatusCode = (request is null ? null : await change(request).ConfigureAwait(false)) ?? StatusCodes.Status400BadRequest;
        }
    }

    private static async ValueTask<OwnerRequest?> ReadAsync(HttpContext context)
    {
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } bound)
        {
            bound.MaxRequestBodySize = RequestBytesMax;
        }

        try
        {
            return await context.Request.ReadFromJsonAsync(UploadJson.Default.OwnerRequest, context.RequestAborted).ConfigureAwait(false);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static int StatusOf(ChangeOutcome outcome, int done) => outcome switch
    {
        ChangeOutcome.Done => done,
        ChangeOutcome.Missing => StatusCodes.Status404NotFound,
        ChangeOutcome.Exists => StatusCodes.Status409Conflict,
        ChangeOutcome.NoSpace => StatusCodes.Status507InsufficientStorage,
        _ => StatusCodes.Status403Forbidden,
    };

    private ValueTask<int?> CreateFolder(OwnerRequest request) =>
        new(TryPath(request.Path, out var path) ? StatusOf(_folder.CreateFolder(path), StatusCodes.Status201Created) : null);

    /// <summary>Rules go along. The new place is closed to all but the owner meanwhile, so that nothing is open that was not before, whatever breaks in.</summary>
    private async ValueTask<int?> Move(OwnerRequest request)
    {
        if (!TryPath(request.Path, out var from) || !TryPath(request.To, out var to))
        {
            return null;
        }

        var before = await _rules.CloseAsync(to).ConfigureAwait(false);
        var outcome = _folder.Move(from, to, request.Overwrite);
        if (outcome == ChangeOutcome.Done)
        {
            await _rules.MoveAsync(from, to).ConfigureAwait(false);
        }
        else
        {
            await _rules.RestoreAsync(to, before).ConfigureAwait(false);
        }

        return StatusOf(outcome, StatusCodes.Status204NoContent);
    }

    private async ValueTask<int?> Delete(OwnerRequest request)
    {
        if (!TryPath(request.Path, out var path))
        {
            return null;
        }

        var outcome = _folder.Delete(path);
        if (outcome == ChangeOutcome.Done)
        {
            await _rules.RemoveAsync(path).ConfigureAwait(false);
        }

        return StatusOf(outcome, StatusCodes.Status204NoContent);
    }

    private bool TryPath(string? text, out SitePath path) => SitePath.TryParse(text, out path) && !path.IsRoot && _options.Serves(path);
}
