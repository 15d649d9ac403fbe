using P2P.YouSearch;
using P2P.YouServ;

namespace QuickStart.Sites;

/// <summary>Is somebody with a site of their own, on a machine of their own, so to say.</summary>
/// <param name="Name">The site's name.</param>
/// <param name="Folder">The folder that is the site.</param>
/// <param name="Peer">Serves it.</param>
/// <param name="Search">Indexes it, and searches the others'.</param>
internal sealed record Resident(string Name, string Folder, YouServPeer Peer, YouSearchPeer Search)
{
    /// <summary>The folder of the site that is for everyone.</summary>
    public const string Shared = "shared";

    /// <summary>A file that is for its owner only.</summary>
    public const string Diary = "diary.txt";

    /// <summary>Where a file of the site is found, by the site's name.</summary>
    public Uri AddressOf(string path) => new(Peer.Status.Url!, string.Join('/', path.Split('/').Select(Uri.EscapeDataString)));
}
