using P2P.YouSearch;
using P2P.YouServ;

namespace Consumer.Web;

/// <summary>Is somebody's machine: the folder that it serves, the peer that serves it, and its search.</summary>
internal sealed record Resident(string Folder, YouServPeer Peer, YouSearchPeer Search)
{
    /// <summary>Signs in, waits until the site is served, and opens it to everyone.</summary>
    public async Task OpenSiteAsync(string user, string password, CancellationToken cancellationToken)
    {
        await Peer.SignInAsync(user, password, cancellationToken);
        await Peer.WhenAsync(PeerState.Serving, cancellationToken);
        await Peer.SetRuleAsync(new() { Path = SitePath.Root, Audience = Audience.Everyone }, cancellationToken);
    }

    /// <summary>Saves a document in the site's folder, and waits until it can be found.</summary>
    public async Task SaveAsync(string path, string text, CancellationToken cancellationToken)
    {
        await File.WriteAllTextAsync(Path.Combine(Folder, path), text, cancellationToken);
        await Search.WhenFoundAsync(cancellationToken);
    }

    /// <summary>Reads a document as a visitor does who has not signed in.</summary>
    public async Task<string> VisitAsync(string path, CancellationToken cancellationToken)
    {
        using var visitor = new HttpClient(Peer.CreateSiteHandler());
        using var request = SiteAddresses.CreateRequest(HttpMethod.Get, new Uri(Peer.Status.Url!, path), Peer.Status.Addresses);
        using var response = await visitor.SendAsync(request, cancellationToken);
        return response.IsSuccessStatusCode ? await response.Content.ReadAsStringAsync(cancellationToken) : $"{response.StatusCode}";
    }
}
