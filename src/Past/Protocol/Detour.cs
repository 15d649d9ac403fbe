using P2P.Past.Wire;
using P2P.Pastry;

namespace P2P.Past.Protocol;

/// <summary>Chooses another way for each further try of a search, around whoever lost or swallowed the one before.</summary>
internal static class Detour
{
    public static void Route(SearchMessage search, int attempt, IOverlay overlay)
    {
        var key = search.FileId.RoutingKey;
        var firstHop = attempt > 1 && overlay.LocalLookup(key, max: attempt, safe: false) is { Count: > 1 } known ? known[^1] : null;
        overlay.Route(key, Payload.FromContent(search), firstHop);
    }
}
