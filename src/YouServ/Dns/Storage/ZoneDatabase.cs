using System.Globalization;
using Microsoft.Data.Sqlite;

namespace P2P.YouServ.Dns;

/// <summary>
/// Keeps what was published in a SQLite database: a row for each set, its values as text, one a line. What was written is so after a failure of power too. The database is open
/// for one server at a time.
/// </summary>
internal sealed class ZoneDatabase : IZoneStore
{
    private const int ApplicationId = 0x59535A4E;
    private const int Version = 1;

    private const string Schema =
        """
        CREATE TABLE record_set (name TEXT NOT NULL, type INTEGER NOT NULL, ttl INTEGER NOT NULL, data TEXT NOT NULL, PRIMARY KEY (name, type)) WITHOUT ROWID;
        CREATE TABLE zone (name TEXT NOT NULL PRIMARY KEY, serial INTEGER NOT NULL) WITHOUT ROWID;
        """;

    private readonly SqliteConnection _connection;
    private readonly SqliteCommand _put;
    private readonly SqliteCommand _remove;
    private readonly SqliteCommand _setSerial;
    private readonly string _path;
    private readonly DnsName _origin;

    private ZoneDatabase(SqliteConnection connection, string path, DnsName origin)
    {
        (_connection, _path, _origin) = (connection, path, origin);
        _put = Prepare("INSERT OR REPLACE INTO record_set (name, type, ttl, data) VALUES ($name, $type, $ttl, $data)", "$name", "$type", "$ttl", "$data");
        _remove = Prepare("DELETE FROM record_set WHERE name = $name AND type = $type", "$name", "$type");
        _setSerial = Prepare("INSERT OR REPLACE INTO zone (name, serial) VALUES ($name, $serial)", "$name", "$serial");
    }

    /// <summary>Opens a database, or makes one where there is none, and its folder.</summary>
    /// <exception cref="YouServException">The file is not one of this zone, is used by another server, or can't be opened.</exception>
    public static ZoneDatabase Open(string path, DnsName origin)
    {
        // Pooled connections would hold the file open behind the server's back.
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Pooling = false, DefaultTimeout = 1 }.ToString());
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
            connection.Open();
            Execute(connection, "PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA fullfsync = ON; PRAGMA checkpoint_fullfsync = ON;");
            CheckFormat(connection, path, origin);
            return new ZoneDatabase(connection, path, origin);
        }
        catch (Exception exception) when (exception is SqliteException or IOException or UnauthorizedAccessException)
        {
            connection.Dispose();
            throw new YouServException($"The zone's records in {path} can't be opened: {exception.Message} Another server may be using them, the folder may not be for us to write, or the file may be none of a zone's.", exception);
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    public (uint? Serial, IReadOnlyList<DnsRecordSet> Sets) Read()
    {
        try
        {
            using var command = Prepare("SELECT name, type, ttl, data FROM record_set");
            using var reader = command.ExecuteReader();
            var sets = new List<DnsRecordSet>();
            while (reader.Read())
            {
                sets.Add(new DnsRecordSet(DnsName.Parse(reader.GetString(0)), (DnsRecordType)reader.GetInt32(1), reader.GetString(3).Split('\n'))
                {
                    TimeToLive = TimeSpan.FromSeconds(reader.GetInt64(2)),
                });
            }

            return (ReadNumber(_connection, "SELECT serial FROM zone") is { } serial ? (uint)serial : null, sets);
        }
        catch (Exception exception) when (exception is SqliteException or FormatException or InvalidOperationException)
        {
            throw new YouServException($"The zone's records in {_path} can't be read: {exception.Message} Restore the file, or remove it and publish anew.", exception);
        }
    }

    public void Write(IReadOnlyList<ZoneChange> changes, uint serial)
    {
        try
        {
            using var transaction = _connection.BeginTransaction();
            foreach (var change in changes)
            {
                var (name, type) = (change.Set.Name.Value, (int)change.Set.Type);
                if (change.Encoded is null)
                {
                    Run(_remove, transaction, name, type);
                }
                else
                {
                    Run(_put, transaction, name, type, change.TimeToLive, string.Join('\n', change.Set.Values));
                }
            }

            Run(_setSerial, transaction, _origin.Value, serial);
            transaction.Commit();
        }
        catch (SqliteException exception)
        {
            throw new YouServException($"The change can't be written to {_path}: {exception.Message}", exception);
        }
    }

    /// <summary>Lets the database take no more pages, as a full disk would.</summary>
    internal void LimitPages(int max) => Execute(_connection, $"PRAGMA max_page_count = {max}");

    public void Dispose() => _connection.Dispose();

    private static void CheckFormat(SqliteConnection connection, string path, DnsName origin)
    {
        var (application, version) = (ReadNumber(connection, "PRAGMA application_id"), ReadNumber(connection, "PRAGMA user_version"));
        if (application == 0 && ReadNumber(connection, "SELECT count(*) FROM sqlite_schema") == 0)
        {
            Execute(connection, $"BEGIN IMMEDIATE; {Schema} PRAGMA application_id = {ApplicationId}; PRAGMA user_version = {Version}; COMMIT;");
        }
        else if (application != ApplicationId)
        {
            throw new YouServException($"{path} is a database of something else. Name another file for the zone's records.");
        }
        else if (version != Version)
        {
            throw new YouServException($"{path} has format {version}; this version reads format {Version}.");
        }

        using var command = connection.CreateCommand();
        command.CommandText = "SELECT name FROM zone";
        if (command.ExecuteScalar() is string name && name != origin.Value)
        {
            throw new YouServException($"{path} has the records of the zone {name}, not of {origin}. Name another file.");
        }
    }

    private SqliteCommand Prepare(string sql, params ReadOnlySpan<string> parameters)
    {
        var command = _connection.CreateCommand();
        command.CommandText = sql;
        foreach (var parameter in parameters)
        {
            command.Parameters.Add(new SqliteParameter { ParameterName = parameter });
        }

        return command;
    }

    private static void Run(SqliteCommand command, SqliteTransaction transaction, params ReadOnlySpan<object> values)
    {
        for (var index = 0; index < values.Length; index++)
        {
            command.Parameters[index].Value = values[index];
        }

        command.Transaction = transaction;
        command.ExecuteNonQuery();
    }

    private static void Execute(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    private static long? ReadNumber(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return command.ExecuteScalar() is { } value and not DBNull ? Convert.ToInt64(value, CultureInfo.InvariantCulture) : null;
    }
}
