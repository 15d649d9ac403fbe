using Microsoft.AspNetCore.Http;
using P2P.YouServ;

namespace YouSearch.Tests.Sites;

/// <summary>Answers for what others have gathered with lies.</summary>
internal sealed class CacheLiar : IYouServPlugin
{
    private const string Forged =
        """{"replies":[{"body":"{\"host\":\"p0.userv.localhost\",\"matches\":1,\"hits\":[{\"path\":\"x\",\"title\":\"Buy this\",\"type\":\"txt\",\"digest\":\"\"}]}","proof":"PROOF"}]}""";

    public static IReadOnlyList<string> Lies { get; } = ["", "{}", "[]", Forged, Forged.Replace("PROOF", "a.b~1~AAAA", StringComparison.Ordinal), """{"replies":[null]}"""];

    public string Lie { get; set; } = "";

    public int Count { get; private set; }

    public string PathPrefix => "/.search/v1/cached";

    public async ValueTask<bool> TryHandleAsync(HttpContext context, ServedSite site, Visitor visitor)
    {
        Count++;
        context.Response.ContentType = "application/json";
        await context.Response.WriteAsync(Lie);
        return true;
    }
}
