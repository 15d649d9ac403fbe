namespace BackupTool.Packs;

/// <summary>Says where a chunk lies.</summary>
/// <param name="Pack">The pack that holds it, by its number within this process.</param>
/// <param name="Offset">Where its sealed bytes begin within the pack.</param>
/// <param name="StoredLength">How many there are.</param>
/// <param name="Length">How long the chunk is.</param>
/// <param name="IsCompressed">Whether it was compressed before it was sealed.</param>
internal readonly record struct ChunkPlace(int Pack, int Offset, int StoredLength, int Length, bool IsCompressed);
