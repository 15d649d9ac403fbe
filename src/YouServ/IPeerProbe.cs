using System.Net;

namespace P2P.YouServ;

/// <summary>Finds out whether visitors can reach a peer, by being one.</summary>
public interface IPeerProbe
{
    /// <summary>Connects to a peer, and asks it to prove that it is the one.</summary>
    /// <param name="host">The name of the site.</param>
    /// <param name="address">Where to connect.</param>
    /// <param name="port">At which port.</param>
    /// <param name="isSecure">Whether by HTTPS.</param>
    /// <param name="tokenHash">The <see cref="SessionRecord.TokenHash"/> of the peer, by which its answer is checked.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>Whether the peer answered rightly.</returns>
    ValueTask<bool> IsReachableAsync(string host, IPAddress address, int port, bool isSecure, string tokenHash, CancellationToken cancellationToken);
}
