using BackupTool.Chunks;

namespace BackupTool.Restore;

/// <summary>Is one chunk of a file that is being restored. There are as many as files have chunks, so that it tells no more than where to look.</summary>
internal readonly record struct Piece(FileJob Job, int Number, long Offset)
{
    public ChunkId Chunk => Job.File.Entry.Chunks[Number];
}
