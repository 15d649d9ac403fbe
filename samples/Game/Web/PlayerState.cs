using Game.Net;

namespace Game.Web;

/// <summary>Is what a player's node is for the world at the moment, for who wants to look inside: scripts, and tests.</summary>
/// <param name="Id">The player.</param>
/// <param name="Area">The area where it is.</param>
/// <param name="Groups">The groups in whose trees its node is.</param>
/// <param name="Roots">Those of them whose rendezvous point its node is.</param>
internal sealed record PlayerState(string Id, string Area, IReadOnlyList<string> Groups, IReadOnlyList<string> Roots)
{
    public static async Task<PlayerState> TakeAsync(Player player)
    {
        var (area, groups) = (player.With(scene => World.Area.Of(scene.Pilot.Flight.Place)), (await player.Scribe.GetSnapshotAsync()).Groups);
        return new(
            player.Id.ToString(),
            WorldGroups.NameOf(area),
            [.. groups.Where(group => group.MembershipCount > 0).Select(group => group.Name ?? "")],
            [.. groups.Where(group => group.IsRendezvousPoint).Select(group => group.Name ?? "")]);
    }
}
