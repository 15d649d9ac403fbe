using Microsoft.AspNetCore.Http;
using P2P.YouServ;

namespace YouSearch.Tests.Sites;

/// <summary>Answers other peers in the place of the search, as a peer that is broken or hostile does.</summary>
internal sealed class Interference(Func<HttpContext, Task> answer) : IYouServPlugin
{
    private int _count;

    /// <summary>Whether it answers; else the search does.</summary>
    public bool IsOn { get; set; } = true;

    /// <summary>How often it was asked.</summary>
    public int Count => _count;

    public string PathPrefix => "/.search/v1/answer";

    public async ValueTask<bool> TryHandleAsync(HttpContext context, ServedSite site, Visitor visitor)
    {
        Interlocked.Increment(ref _count);
        if (!IsOn)
        {
            return false;
        }

        await answer(context);
        return true;
    }

    /// <summary>Never answers.</summary>
    public static async Task Silence(HttpContext context) => await Task.Delay(Timeout.Infinite, context.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
}
