using Game.World;
using P2P.Pastry;

namespace Game;

/// <summary>Says how this process takes part.</summary>
internal sealed record Settings
{
    public required string Name { get; init; }

    public required string World { get; init; }

    public required int Bots { get; init; }

    public required int Rate { get; init; }

    public required NodeAddress Listen { get; init; }

    public required NodeAddress? Join { get; init; }

    public required int Port { get; init; }

    public required bool Opens { get; init; }

    /// <summary>Whether nobody plays here: only bots, and no page.</summary>
    public required bool IsUnattended { get; init; }

    /// <summary>When to stop; null for never.</summary>
    public required TimeSpan? Duration { get; init; }

    public required bool IsJson { get; init; }

    public required bool IsEverything { get; init; }

    public required bool Compares { get; init; }

    public required Vector? Start { get; init; }
}
