using BackupTool.Chunks;

namespace BackupTool.Packs;

/// <summary>Is what a pack's directory, and an index, say of a chunk; its offset follows from those before it.</summary>
internal readonly record struct PackedChunk(ChunkId Id, int StoredLength, int Length, bool IsCompressed);
