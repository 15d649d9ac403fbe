using System.Net;

namespace P2P.YouServ;

/// <summary>Is what became of a peer's wish to serve its user's site.</summary>
public abstract record LeaseResult
{
    private LeaseResult()
    {
    }

    /// <summary>The name points at the peer.</summary>
    /// <param name="Site">The site with its new lease.</param>
    public sealed record Granted(SiteRecord Site) : LeaseResult
    {
        /// <summary>Whether somebody else's peer has stood in with its copy until now.</summary>
        public bool WasHeld { get; init; }
    }

    /// <summary>Nothing that proves to be the peer answers at its addresses: it is behind a firewall, or listens elsewhere.</summary>
    /// <param name="Addresses">The addresses that were tried.</param>
    public sealed record Unreachable(IReadOnlyList<IPAddress> Addresses) : LeaseResult;

    /// <summary>The coordinator does not connect there.</summary>
    /// <param name="Reason">Why.</param>
    public sealed record Refused(string Reason) : LeaseResult;
}
