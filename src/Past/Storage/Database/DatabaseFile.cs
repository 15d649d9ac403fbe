using System.Globalization;
using Microsoft.Data.Sqlite;

namespace P2P.Past;

/// <summary>Knows the form of a store's database, and opens connections to it.</summary>
/// <remarks>
/// <para>
/// <c>replica</c> says of each what the store must know without opening it, and opening the store reads this table from end to end. <c>image</c> has the bytes of small
/// ones, under the same number. <c>removal</c> names files that belong to nobody any more and may still be there; <c>reclaim</c>, files that their owners have taken back.
/// </para>
/// <para>
/// Numbers only grow, so that storing writes at the tables' ends, however much they hold. Nothing is in the order of ids: ids are hashes, and each would write to a page of
/// its own, in a database that is larger than what a disk flushes at once. That order is made in memory.
/// </para>
/// </remarks>
internal static class DatabaseFile
{
    public const string Name = "replicas.db";

    /// <summary>The log takes so many pages before they are brought to their place: 16 MiB. A longer one saves writing pages that change often, and takes longer to read after a crash.</summary>
    private const int CheckpointPages = 4096;

    private const int PageBytes = 4096;
    private const int ApplicationId = 0x50415354;

    private const string Schema =
        """
        CREATE TABLE replica (number INTEGER PRIMARY KEY, id BLOB NOT NULL, count INTEGER NOT NULL, length INTEGER NOT NULL, is_file INTEGER NOT NULL);
        CREATE TABLE image (number INTEGER PRIMARY KEY, bytes BLOB NOT NULL);
        CREATE TABLE removal (id BLOB NOT NULL PRIMARY KEY, count INTEGER NOT NULL) WITHOUT ROWID;
        CREATE TABLE reclaim (id BLOB NOT NULL PRIMARY KEY, certificate BLOB NOT NULL, freed INTEGER, at INTEGER NOT NULL) WITHOUT ROWID;
        """;

    /// <summary>Creates an empty database, and gives the connection that fills it: fast, and good for nothing if that does not come to its end.</summary>
    public static SqliteConnection Create(string path)
    {
        // Made here for its owner only; the log takes over the rights.
        ReplicaFiles.OpenForWriting(path, FileMode.Create).Dispose();
        var connection = Connect(path);
        connection.Execute(
            $"""
            PRAGMA page_size = {PageBytes};
            PRAGMA auto_vacuum = INCREMENTAL;
            PRAGMA journal_mode = OFF;
            PRAGMA synchronous = OFF;
            PRAGMA application_id = {ApplicationId};
            PRAGMA user_version = {FormatFile.Current};
            """);
        connection.Execute(Schema);
        return connection;
    }

    /// <summary>Ends the filling of a new database: from here on it is durable.</summary>
    public static void Complete(SqliteConnection connection)
    {
        connection.Execute("PRAGMA journal_mode = WAL");
        var path = connection.DataSource;
        connection.Dispose();
        using var file = ReplicaFiles.OpenForWriting(path, FileMode.Open);
        file.Flush(flushToDisk: true);
    }

    /// <summary>
    /// Opens the connection that writes, and checks that the database is one of this format. Where changes need not be durable, a crash takes the last ones back, and leaves
    /// the database whole.
    /// </summary>
    /// <exception cref="PastException">It is not.</exception>
    public static SqliteConnection OpenForWriting(string path, StorageFailure failure, bool isDurable = true)
    {
        var connection = Connect(path);
        try
        {
            CheckFormat(connection, path, failure);
            connection.Execute(
                $"""
                PRAGMA synchronous = {(isDurable ? "FULL" : "NORMAL")};
                PRAGMA fullfsync = ON;
                PRAGMA checkpoint_fullfsync = ON;
                PRAGMA cache_size = -8192;
                PRAGMA wal_autocheckpoint = {CheckpointPages};
                PRAGMA journal_size_limit = {2 * CheckpointPages * PageBytes};
                """);
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <summary>Opens a connection that only reads. The pages that it reads are the system's to keep, so its own cache is small.</summary>
    public static SqliteConnection OpenForReading(string path)
    {
        var connection = Connect(path);
        connection.Execute("PRAGMA query_only = ON; PRAGMA cache_size = -512;");
        return connection;
    }

    /// <summary>Enters all replicas into the books.</summary>
    public static void Load(SqliteConnection connection, ReplicaLedger ledger, StorageFailure failure)
    {
        try
        {
            ledger.AddWhole((int)connection.ReadNumber("SELECT count(*) FROM replica"), new IndexScan(connection));
        }
        catch (ArgumentException exception)
        {
            throw failure.Damaged(exception.Message, exception);
        }
    }

    /// <summary>Gives the ids of the files that owners have taken back, the oldest first, and whether they were held.</summary>
    public static IEnumerable<(FileId Id, bool WasHeld)> ReadReclaimed(SqliteConnection connection)
    {
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT id, freed IS NOT NULL FROM reclaim ORDER BY at";
        using var reader = command.ExecuteReader();
        while (reader.Read())
        {
            yield return (FileId.FromBytes(reader.GetFieldValue<byte[]>(0)), reader.GetBoolean(1));
        }
    }

    public static void Execute(this SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    public static object? ReadScalar(this SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return command.ExecuteScalar();
    }

    public static long ReadNumber(this SqliteConnection connection, string sql) =>
        Convert.ToInt64(connection.ReadScalar(sql), CultureInfo.InvariantCulture);

    /// <summary>Opens a connection to a database that is there, of whatever form.</summary>
    public static SqliteConnection Connect(string path)
    {
        // The provider's pool would keep files open after the store has let go of them.
        var address = new SqliteConnectionStringBuilder { DataSource = path, Mode = SqliteOpenMode.ReadWrite, Pooling = false };
        var connection = new SqliteConnection(address.ToString());
        try
        {
            connection.Open();

            // What is read of a page is checked before it is believed.
            connection.Execute("PRAGMA cell_size_check = ON; PRAGMA trusted_schema = OFF;");
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    private static void CheckFormat(SqliteConnection connection, string path, StorageFailure failure)
    {
        if (connection.ReadNumber("PRAGMA application_id") != ApplicationId)
        {
            throw failure.Damaged($"The file '{path}' is not the database of a replica store.");
        }

        if (connection.ReadNumber("PRAGMA user_version") is var version and not FormatFile.Current)
        {
            throw new PastException(
                $"The database '{path}' has format {version}; this release reads {FormatFile.Current}. Update, or choose another directory.");
        }

        if (connection.ReadScalar("PRAGMA journal_mode") is not "wal")
        {
            throw failure.Damaged($"The file '{path}' does not keep a log.");
        }
    }
}
