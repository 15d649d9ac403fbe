using Microsoft.AspNetCore.Http;
using P2P.YouServ;

namespace YouSearch.Tests.Sites;

/// <summary>Keeps a site's answer to others back until the test lets it go; then the search answers.</summary>
internal sealed class HeldAnswer : IYouServPlugin
{
    private readonly TaskCompletionSource _asked = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _released = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public string PathPrefix => "/.search/v1/answer";

    /// <summary>Completes when somebody has asked.</summary>
    public Task Asked => _asked.Task;

    public void Release() => _released.TrySetResult();

    public async ValueTask<bool> TryHandleAsync(HttpContext context, ServedSite site, Visitor visitor)
    {
        _asked.TrySetResult();
        await _released.Task.WaitAsync(context.RequestAborted);
        return false;
    }
}
