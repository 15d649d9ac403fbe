using P2P.Past.Wire;
using P2P.Pastry;

namespace P2P.Past.Protocol;

/// <summary>Chooses another way for each further try of a search, around whoever lost or swallowed the one before.</summary>
internal static class Detour
{
    /// <summary>Sends a search on its way.</summary>
    /// <returns>Whom it goes to first; this node itself where it knows none closer to the id.</returns>
    public static NodeId Route(SearchMessage search, int attempt, IOverlay overlay)
    {
        var key = search.FileId.RoutingKey;
        var known = overlay.LocalLookup(key, max: attempt, safe: false);
        overlay.Route(key, Payload.FromContent(search), attempt > 1 && known.Count > 1 ? known[^1] : null);
        return known.Count > 0 ? known[^1].Id : overlay.Self.Id;
    }
}
