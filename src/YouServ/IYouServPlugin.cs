using Microsoft.AspNetCore.Http;

namespace P2P.YouServ;

/// <summary>
/// Answers certain requests to a site in place of its files. Plug-ins are asked in the order in which they were added, after the visitor is known and before any
/// file is touched; they decide on access themselves, by the visitor.
/// </summary>
/// <remarks>
/// Requests come at the same time, of any method, for the host of the site only. What a plug-in answers is its own: nothing of it stands in the site's log, is kept from search engines, or gets
/// security headers unless it says so. The sites of a zone are one site to browsers, which send cookies along with each other's forms: what changes anything has to be sent by a page of the same
/// origin (<see cref="IsFromOwnPage"/>). Below <c>/.youserv/</c> no plug-in is asked, and so none by a share link.
/// </remarks>
public interface IYouServPlugin
{
    /// <summary>
    /// The beginning of the paths that it wants to see, such as <c>/search</c>: a slash first, upper case unlike lower. It sees that path, and all that go on with a slash. Another form keeps
    /// the peer from starting.
    /// </summary>
    string PathPrefix { get; }

    /// <summary>Whether it answers for copies of others' sites too, which the peer serves while their owners' machines are away. Not by default.</summary>
    bool AnswersAtCopies => false;

    /// <summary>How people come to it from listings and from the owner's page; null, the default, where they do not.</summary>
    PageEntry? Entry => null;

    /// <summary>Answers a request, or leaves it to the next plug-in and then to the files.</summary>
    /// <param name="context">The request; <see cref="HttpContext.RequestAborted"/> says that nobody waits any more.</param>
    /// <param name="site">The site to which it came.</param>
    /// <param name="visitor">Who asks.</param>
    /// <returns>Whether the request was answered.</returns>
    ValueTask<bool> TryHandleAsync(HttpContext context, ServedSite site, Visitor visitor);

    /// <summary>Tells whether a request was made by a page of the very host to which it came: a cookie alone proves nothing.</summary>
    /// <param name="request">The request.</param>
    static bool IsFromOwnPage(HttpRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        return Http.RequestOrigin.IsOwn(request);
    }
}
