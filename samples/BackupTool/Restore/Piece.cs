using BackupTool.Packs;

namespace BackupTool.Restore;

/// <summary>Is a chunk of a pack, and where it goes to.</summary>
internal readonly record struct Piece(PackedChunk Chunk, int OffsetInPack, FileJob File, long OffsetInFile);
