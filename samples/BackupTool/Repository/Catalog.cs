using System.Text.Json;
using System.Text.Json.Serialization;
using BackupTool.Vault;

namespace BackupTool.Repository;

/// <summary>Is what a repository consists of at a time. Each change makes a new one.</summary>
internal sealed record Catalog
{
    private const string Purpose = "catalog";

    public int Version { get; init; } = 1;

    public IReadOnlyList<Snapshot> Snapshots { get; init; } = [];

    /// <summary>The files that say what lies in which pack.</summary>
    public IReadOnlyList<string> Indexes { get; init; } = [];

    /// <summary>Backups that have begun and not ended: under way, or broken off.</summary>
    public IReadOnlyList<Session> Sessions { get; init; } = [];

    /// <summary>Files that are needed no more, and are still to be taken back.</summary>
    public IReadOnlyList<string> Doomed { get; init; } = [];

    /// <summary>Catalogs that came before and are still there, the oldest first.</summary>
    public IReadOnlyList<string> Superseded { get; init; } = [];

    /// <exception cref="BackupException">It is damaged, or of another version.</exception>
    public static Catalog Read(Sealer sealer, ReadOnlySpan<byte> document)
    {
        try
        {
            return JsonSerializer.Deserialize(SealedDocument.Read(sealer, Purpose, document), CatalogFormat.Default.Catalog) switch
            {
                { Version: 1, Snapshots: not null, Indexes: not null, Sessions: not null, Doomed: not null, Superseded: not null } catalog => catalog,
                { Version: > 1 } => throw new BackupException("The repository's catalog is of a newer version; use a newer program."),
                _ => throw new BackupException("The repository's catalog is damaged."),
            };
        }
        catch (JsonException exception)
        {
            throw new BackupException("The repository's catalog is damaged.", exception);
        }
    }

    public byte[] Write(Sealer sealer) => SealedDocument.Write(sealer, Purpose, JsonSerializer.SerializeToUtf8Bytes(this, CatalogFormat.Default.Catalog));
}

/// <summary>Is a backup that has begun. Its packs are found by its run and their numbers, also where no index tells of them yet.</summary>
/// <param name="Run">The run that seals them, in base64.</param>
/// <param name="Host">Where it runs.</param>
/// <param name="Renewed">When it was last heard of.</param>
/// <param name="Indexed">All packs below this number are in an index.</param>
internal sealed record Session(string Run, string Host, DateTimeOffset Renewed, int Indexed);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(Catalog))]
internal sealed partial class CatalogFormat : JsonSerializerContext;
