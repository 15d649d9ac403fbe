using Microsoft.AspNetCore.Http;

namespace P2P.YouServ;

/// <summary>
/// Answers certain requests to a site in place of its files. Plug-ins are asked in the order in which they were added, after the visitor is known and before any
/// file is touched; they decide on access themselves, by the visitor.
/// </summary>
public interface IYouServPlugin
{
    /// <summary>The beginning of the paths that it wants to see, such as <c>/search</c>; it sees that path, and all that go on with a slash.</summary>
    string PathPrefix { get; }

    /// <summary>Answers a request, or leaves it to the next plug-in and then to the files.</summary>
    /// <param name="context">The request.</param>
    /// <param name="visitor">Who asks.</param>
    /// <returns>Whether the request was answered.</returns>
    ValueTask<bool> TryHandleAsync(HttpContext context, Visitor visitor);
}
