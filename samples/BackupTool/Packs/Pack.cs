using P2P.Past;

namespace BackupTool.Packs;

/// <summary>Is a file of the ring that holds chunks, and what it holds.</summary>
/// <param name="File">The file's id.</param>
/// <param name="Length">Its length in bytes.</param>
/// <param name="Run">The run that has sealed it (<see cref="Vault.Sealer.Run"/>).</param>
/// <param name="Chunks">Its chunks, in the order in which they lie.</param>
internal sealed record Pack(FileId File, int Length, byte[] Run, IReadOnlyList<PackedChunk> Chunks);
