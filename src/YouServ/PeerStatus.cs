using System.Net;

namespace P2P.YouServ;

/// <summary>Tells how a peer fares at one moment.</summary>
/// <param name="State">In a word.</param>
/// <param name="Host">The name of the site; empty until somebody has signed in.</param>
/// <param name="Url">Where visitors find the site while the name points here; null until somebody has signed in.</param>
/// <param name="Addresses">Where the name points; empty while it does not point here.</param>
/// <param name="Detail">What is wrong and what to do; empty where nothing is.</param>
public sealed record PeerStatus(PeerState State, string Host, Uri? Url, IReadOnlyList<IPAddress> Addresses, string Detail)
{
    /// <summary>The host of the peer that carries this one's connections; empty where visitors come directly.</summary>
    public string ProxyHost { get; init; } = "";
}
