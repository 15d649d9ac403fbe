using P2P.Pastry;

namespace BackupTool.Ring;

/// <summary>Says which ring keeps the backups.</summary>
internal sealed record RingSettings
{
    /// <summary>Where an embedded ring keeps its nodes' folders.</summary>
    public required string Folder { get; init; }

    /// <summary>How many nodes the embedded ring has.</summary>
    public int Nodes { get; init; } = 5;

    /// <summary>How many bytes each of them holds; null for what the disk has.</summary>
    public long? CapacityBytes { get; init; }

    /// <summary>Nodes of a ring elsewhere, to be used in place of the embedded one.</summary>
    public IReadOnlyList<NodeAddress> Bootstraps { get; init; } = [];
}
