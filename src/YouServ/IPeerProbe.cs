using System.Net;

namespace P2P.YouServ;

/// <summary>
/// Finds out whether visitors can reach a peer, by being one. Asked by many callers at once; it gives up by itself within a few seconds, as a user waits for it.
/// </summary>
public interface IPeerProbe
{
    /// <summary>
    /// Connects to a peer, and asks it to prove that it is the one: <c>GET /.youserv/reach?challenge=</c> with 64 random lower-case hexadecimal digits is answered in lower-case hexadecimal by
    /// HMAC-SHA256, with the bytes of <paramref name="tokenHash"/> as its key, over <c>"youserv reach 1\n" host "\n" challenge</c>. Follow no redirect, and connect nowhere but to
    /// <paramref name="address"/>: the peer chooses what it answers.
    /// </summary>
    /// <param name="host">The name of the site's host, such as <c>joe.userv.example</c>.</param>
    /// <param name="address">Where to connect.</param>
    /// <param name="port">At which port.</param>
    /// <param name="isSecure">Whether by HTTPS.</param>
    /// <param name="tokenHash">The <see cref="SessionRecord.TokenHash"/> of the peer, by which its answer is checked.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>Whether the peer answered rightly. Whatever a peer does wrong is no exception; one says that nothing can be told, and leaves the peer its name.</returns>
    ValueTask<bool> IsReachableAsync(string host, IPAddress address, int port, bool isSecure, string tokenHash, CancellationToken cancellationToken = default);
}
