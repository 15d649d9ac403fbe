using System.Data.Common;
using P2P.YouServ.Http.Files;
using P2P.YouServ.Wire;

namespace P2P.YouServ.Storage;

/// <summary>Remembers the digests of files, so that only those are read again whose stamp is another.</summary>
internal sealed class FileBook(SqliteDatabase database)
{
    /// <summary>Reads all that is remembered but blocks.</summary>
    public async ValueTask<Dictionary<string, KnownFile>> ReadAsync() => (await database.ReadAsync(session => session.ListAsync(
        row => (Path: row.GetString(0), File: ReadFile(row)), "SELECT path, device, node, length, modified, changed, digest FROM files")).ConfigureAwait(false))
        .ToDictionary(row => row.Path, row => row.File, StringComparer.Ordinal);

    /// <summary>Reads the digests of a file's blocks.</summary>
    /// <returns>They; null where nothing is remembered of a file of that digest.</returns>
    public async ValueTask<ContentDigest[]?> ReadBlocksAsync(string path, ContentDigest digest)
    {
        var bytes = await database.ReadAsync(session => session.FirstAsync(
            row => (byte[])row.GetValue(0), "SELECT blocks FROM files WHERE path = @p1 AND digest = @p2", path, Bytes([digest]))).ConfigureAwait(false);
        return bytes is null ? null : Digests(bytes);
    }

    /// <summary>Remembers files, and forgets others.</summary>
    public async ValueTask WriteAsync(IReadOnlyCollection<HashedFile> files, IReadOnlyCollection<string> gone) => await database.WriteAsync(async session =>
    {
        foreach (var path in gone)
        {
            await session.ExecuteAsync("DELETE FROM files WHERE path = @p1", path).ConfigureAwait(false);
        }

        foreach (var (path, (stamp, digest), blocks) in files)
        {
            await session.ExecuteAsync(
                """
                INSERT INTO files (path, device, node, length, modified, changed, digest, blocks) VALUES (@p1, @p2, @p3, @p4, @p5, @p6, @p7, @p8)
                ON CONFLICT (path) DO UPDATE SET device = excluded.device, node = excluded.node, length = excluded.length, modified = excluded.modified,
                    changed = excluded.changed, digest = excluded.digest, blocks = excluded.blocks
                """,
                path, unchecked((long)stamp.Device), unchecked((long)stamp.Node), stamp.Length, stamp.Modified, stamp.Changed, Bytes([digest]), Bytes(blocks)).ConfigureAwait(false);
        }

        return true;
    }).ConfigureAwait(false);

    private static KnownFile ReadFile(DbDataReader row) => new(
        new(unchecked((ulong)row.GetInt64(1)), unchecked((ulong)row.GetInt64(2)), row.GetInt64(3), row.GetInt64(4), row.GetInt64(5)),
        ContentDigest.Read((byte[])row.GetValue(6)));

    private static byte[] Bytes(ReadOnlySpan<ContentDigest> digests)
    {
        var bytes = new byte[digests.Length * ContentDigest.Length];
        for (var i = 0; i < digests.Length; i++)
        {
            digests[i].WriteTo(bytes.AsSpan(i * ContentDigest.Length));
        }

        return bytes;
    }

    private static ContentDigest[] Digests(byte[] bytes)
    {
        var digests = new ContentDigest[bytes.Length / ContentDigest.Length];
        for (var i = 0; i < digests.Length; i++)
        {
            digests[i] = ContentDigest.Read(bytes.AsSpan(i * ContentDigest.Length));
        }

        return digests;
    }
}

/// <summary>Is a state of a file, and the digest that it had in it.</summary>
internal readonly record struct KnownFile(FileStamp Stamp, ContentDigest Digest);

/// <summary>Is a file that was read.</summary>
internal sealed record HashedFile(string Path, KnownFile File, ContentDigest[] Blocks);
