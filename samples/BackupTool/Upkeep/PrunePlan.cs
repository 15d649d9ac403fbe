using BackupTool.Chunks;
using BackupTool.Packs;
using BackupTool.Repository;

namespace BackupTool.Upkeep;

/// <summary>Says what is to be taken back.</summary>
/// <param name="Catalog">What it was made of.</param>
/// <param name="Kept">Packs that stay.</param>
/// <param name="Repacked">Packs whose needed part is packed anew before they go.</param>
/// <param name="Unused">Packs that go.</param>
/// <param name="Used">The chunks that snapshots need.</param>
/// <param name="Folders">Those of them that hold folders.</param>
/// <param name="BrokenOff">Backups that will not go on.</param>
internal sealed record PrunePlan(
    Catalog Catalog, IReadOnlyList<Pack> Kept, IReadOnlyList<Pack> Repacked, IReadOnlyList<Pack> Unused, IReadOnlySet<ChunkId> Used, IReadOnlySet<ChunkId> Folders, IReadOnlyList<Session> BrokenOff)
{
    /// <summary>How many bytes of the packs that go nobody needs.</summary>
    public long FreedBytes =>
        Unused.Sum(pack => (long)pack.Length) + Repacked.SelectMany(pack => pack.Chunks).Where(chunk => !Used.Contains(chunk.Id)).Sum(chunk => (long)chunk.StoredLength);
}
