using Game.World;

namespace Game.Net;

/// <summary>Says how a player takes part.</summary>
internal sealed record PlayerOptions
{
    public required string Name { get; init; }

    /// <summary>Whether it flies by itself.</summary>
    public bool IsBot { get; init; }

    /// <summary>How often a second it says how it flies, 1 to 60.</summary>
    public int Rate { get; init; } = 20;

    /// <summary>Whether it hears all areas, wherever it is.</summary>
    public bool IsEverything { get; init; }

    /// <summary>Where it begins; null for anywhere.</summary>
    public Vector? Start { get; init; }

    /// <summary>Draws where it comes back, and what a bot does.</summary>
    public required Random Random { get; init; }
}
