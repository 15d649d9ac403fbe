using Microsoft.AspNetCore.Http;

namespace P2P.YouServ;

/// <summary>
/// Answers certain requests to a site in place of its files. Plug-ins are asked in the order in which they were added, after the visitor is known and before any
/// file is touched; they decide on access themselves, by the visitor.
/// </summary>
/// <remarks>
/// Requests come at the same time, of any method, for the host of the site only. What a plug-in answers is its own: nothing of it stands in the site's log, is kept from search engines, or gets
/// security headers unless it says so. The sites of a zone are one site to browsers, which send cookies along with each other's forms: what changes anything has to be sent by a page of the same
/// origin (<c>Sec-Fetch-Site: same-origin</c>, or <c>Origin</c>). Below <c>/.youserv/</c> no plug-in is asked, and so none by a share link.
/// </remarks>
public interface IYouServPlugin
{
    /// <summary>
    /// The beginning of the paths that it wants to see, such as <c>/search</c>: a slash first, upper case unlike lower. It sees that path, and all that go on with a slash. Another form keeps
    /// the peer from starting.
    /// </summary>
    string PathPrefix { get; }

    /// <summary>Answers a request, or leaves it to the next plug-in and then to the files.</summary>
    /// <param name="context">The request; <see cref="HttpContext.RequestAborted"/> says that nobody waits any more.</param>
    /// <param name="visitor">Who asks.</param>
    /// <returns>Whether the request was answered.</returns>
    ValueTask<bool> TryHandleAsync(HttpContext context, Visitor visitor);
}
