using System.Security.Cryptography;
using System.Text;
using Game.World;
using P2P.Pastry;
using P2P.Scribe;

namespace Game.Net;

/// <summary>
/// Names the groups of a world: one for each area, one for what concerns all, one for chat. They belong to a key that everyone makes of the world's name, so that whoever comes first begins them, and
/// anybody begins them again.
/// </summary>
internal sealed class WorldGroups : IDisposable
{
    /// <summary>The group in which players say who they are, how they stand, and who was shot down.</summary>
    public const string Scores = "scores";

    /// <summary>
    /// The group in which people talk. It is one for all, since there are few who write and talk is what a player misses most; and one of its own, since who comes late gets what was said, which is no use for scores.
    /// </summary>
    public const string Chat = "chat";

    private readonly SigningKey _creator;

    /// <param name="world">The world's name.</param>
    public WorldGroups(string world)
    {
        // snippet: game-key
        // Everyone who knows the world's name has this key, and with it the ids of the world's groups.
        var secret = HKDF.DeriveKey(HashAlgorithmName.SHA256, Encoding.UTF8.GetBytes(world), outputLength: 32, info: "P2P game world 1"u8.ToArray());
        _creator = SigningKey.Derive(secret);
        // end of snippet
    }

    public ISigner Creator => _creator;

    /// <summary>How each group works. Positions are worth nothing a moment later, and are no part of the history; of the rest little is kept.</summary>
    public static GroupPolicy Policy { get; } = new() { HistoryCount = 64, HistoryDuration = TimeSpan.FromMinutes(10) };

    public static string NameOf(Area area) => $"area {area}";

    public GroupId IdOf(string name) => GroupId.Compute(name, _creator.PublicKey);

    public void Dispose() => _creator.Dispose();
}
