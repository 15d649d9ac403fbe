using Microsoft.AspNetCore.Http;

namespace P2P.YouServ.Http;

/// <summary>Says why a request got nothing: to people on a page, to programs in a line.</summary>
internal static class ErrorPages
{
    public static Task WriteAsync(HttpContext context, int status, string detail)
    {
        var response = context.Response;
        response.Clear();
        response.StatusCode = status;
        PageHeaders.Set(response);
        if (HttpMethods.IsHead(context.Request.Method))
        {
            return Task.CompletedTask;
        }

        if (!context.Request.Headers.Accept.ToString().Contains("text/html", StringComparison.Ordinal))
        {
            response.ContentType = "text/plain; charset=utf-8";
            return response.WriteAsync($"{detail}\n", context.RequestAborted);
        }

        response.ContentType = "text/html; charset=utf-8";
        return response.WriteAsync(
            PageLayout.Of(Title(status), context.Request.Host.Host, Html.Empty, Html.Of($"""<section class="card narrow"><h2>{Title(status)}</h2><p>{detail}</p></section>"""), OwnPaths.AssetsPath),
            context.RequestAborted);
    }

    private static string Title(int status) => status switch
    {
        StatusCodes.Status401Unauthorized => "Sign in first",
        StatusCodes.Status403Forbidden => "Not open to you",
        StatusCodes.Status404NotFound => "Nothing here",
        StatusCodes.Status421MisdirectedRequest => "Another site",
        StatusCodes.Status503ServiceUnavailable => "Not now",
        _ => "That did not work",
    };
}
