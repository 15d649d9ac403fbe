using Microsoft.Data.Sqlite;
using P2P.Past.Protocol;
using P2P.Pastry;

namespace P2P.Past;

/// <summary>Is the database of a broker's books. Not for concurrent use.</summary>
/// <remarks>
/// <c>debit</c> has a row for each file that was ever permitted, also when it has long been taken back: no id is permitted twice. <c>receipt</c> has the nodes whose
/// receipts were counted for a file of which some replicas are still debited; <c>contribution</c>, what nodes contribute.
/// </remarks>
internal sealed class BrokerDatabase : IBrokerRows, IDisposable
{
    private const int ApplicationId = 0x5042524B;
    private const int Version = 1;

    private const string Schema =
        """
        CREATE TABLE debit (
            serial INTEGER PRIMARY KEY, id BLOB NOT NULL UNIQUE, account BLOB NOT NULL, length INTEGER NOT NULL, count INTEGER NOT NULL,
            bytes INTEGER NOT NULL, issued INTEGER NOT NULL, expires INTEGER NOT NULL, credited INTEGER NOT NULL);
        CREATE TABLE receipt (id BLOB NOT NULL, node BLOB NOT NULL, PRIMARY KEY (id, node)) WITHOUT ROWID;
        CREATE TABLE contribution (
            node BLOB NOT NULL PRIMARY KEY, account BLOB NOT NULL, bytes INTEGER NOT NULL, sequence INTEGER NOT NULL, expires INTEGER NOT NULL) WITHOUT ROWID;
        """;

    private readonly string _path;
    private readonly SqliteConnection _connection;
    private readonly PreparedStatement _begin;
    private readonly PreparedStatement _commit;
    private readonly PreparedStatement _rollback;
    private readonly PreparedStatement _findDebit;
    private readonly PreparedStatement _keepDebit;
    private readonly PreparedStatement _counted;
    private readonly PreparedStatement _count;
    private readonly PreparedStatement _uncount;
    private readonly PreparedStatement _keepContribution;
    private readonly PreparedStatement _forgetContribution;

    private BrokerDatabase(string path, SqliteConnection connection)
    {
        _path = path;
        _connection = connection;
        _begin = new PreparedStatement(connection, "BEGIN IMMEDIATE");
        _commit = new PreparedStatement(connection, "COMMIT");
        _rollback = new PreparedStatement(connection, "ROLLBACK");
        _findDebit = new PreparedStatement(connection, "SELECT account, length, count, bytes, serial, issued, expires, credited FROM debit WHERE id = $id", "$id");
        _keepDebit = new PreparedStatement(
            connection,
            """
            INSERT INTO debit (serial, id, account, length, count, bytes, issued, expires, credited)
            VALUES ($serial, $id, $account, $length, $count, $bytes, $issued, $expires, $credited)
            ON CONFLICT (serial) DO UPDATE SET expires = excluded.expires, credited = excluded.credited
            """,
            "$serial", "$id", "$account", "$length", "$count", "$bytes", "$issued", "$expires", "$credited");
        _counted = new PreparedStatement(connection, "SELECT node FROM receipt WHERE id = $id", "$id");
        _count = new PreparedStatement(connection, "INSERT INTO receipt (id, node) VALUES ($id, $node)", "$id", "$node");
        _uncount = new PreparedStatement(connection, "DELETE FROM receipt WHERE id = $id", "$id");
        _keepContribution = new PreparedStatement(
            connection,
            "INSERT OR REPLACE INTO contribution (node, account, bytes, sequence, expires) VALUES ($node, $account, $bytes, $sequence, $expires)",
            "$node", "$account", "$bytes", "$sequence", "$expires");
        _forgetContribution = new PreparedStatement(connection, "DELETE FROM contribution WHERE node = $node", "$node");
    }

    /// <summary>Opens the books, or begins new ones; no other process can as long as they are open.</summary>
    /// <exception cref="PastException">The file is something else.</exception>
    public static BrokerDatabase Open(string path)
    {
        // Made here for its owner only; the log takes over the rights.
        ReplicaFiles.OpenForWriting(path, FileMode.OpenOrCreate).Dispose();
        new DurableDirectory(Path.GetDirectoryName(path)!).Flush();
        var connection = DatabaseFile.Connect(path);
        try
        {
            connection.DefaultTimeout = 1;
            connection.Execute("PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA fullfsync = ON; PRAGMA checkpoint_fullfsync = ON;");
            connection.Execute("BEGIN IMMEDIATE");
            if (connection.ReadNumber("SELECT count(*) FROM sqlite_schema") == 0)
            {
                connection.Execute(Schema);
                connection.Execute($"PRAGMA application_id = {ApplicationId}; PRAGMA user_version = {Version};");
            }

            connection.Execute("COMMIT");
            CheckFormat(connection, path);
            return new BrokerDatabase(path, connection);
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <summary>Reads all contributions, and what each owner uses.</summary>
    public BrokerDesk Load(BrokerOptions options)
    {
        var ledger = new BrokerLedger(options);
        foreach (var contribution in new PreparedStatement(_connection, "SELECT node, account, bytes, sequence, expires FROM contribution").Read(ReadContribution))
        {
            ledger.Load(contribution);
        }

        foreach (var (account, bytes) in new PreparedStatement(_connection, "SELECT account, sum(bytes * (count - credited)) FROM debit WHERE credited < count GROUP BY account")
            .Read(static row => (ReadHash(row, 0), row.GetInt64(1))))
        {
            ledger.Load(account, bytes);
        }

        ledger.LoadSerial(_connection.ReadNumber("SELECT ifnull(max(serial), 0) FROM debit"));
        return new BrokerDesk(ledger, this);
    }

    public void Begin() => _begin.Run();

    public void Commit() => _commit.Run();

    public void Rollback()
    {
        try
        {
            _rollback.Run();
        }
        catch (SqliteException)
        {
            // The failure that is being handled has rolled back already.
        }
    }

    public PastException Failure(Exception exception) => new($"The broker's books '{_path}' can't be kept: {exception.Message} Nothing was changed.", exception);

    public Debit? FindDebit(FileId fileId) => _findDebit.Read(row => ReadDebit(fileId, row), BytesOf(fileId)).FirstOrDefault();

    public void Keep(Debit debit)
    {
        var id = BytesOf(debit.FileId);
        _keepDebit.Run(
            debit.Serial,
            id,
            BytesOf(debit.Account),
            debit.ContentLength,
            debit.ReplicaCount,
            debit.ReplicaBytes,
            debit.IssuedAt.ToUnixTimeMilliseconds(),
            debit.ExpiresAt.ToUnixTimeMilliseconds(),
            debit.CreditedCount);
        if (debit.CreditedCount == debit.ReplicaCount)
        {
            _uncount.Run(id);
        }
    }

    public IReadOnlySet<NodeId> CountedFor(FileId fileId) => _counted.Read(static row => NodeId.FromBytes(row.GetFieldValue<byte[]>(0)), BytesOf(fileId)).ToHashSet();

    public void Count(FileId fileId, NodeId node) => _count.Run(BytesOf(fileId), BytesOf(node));

    public void Keep(Contribution contribution) => _keepContribution.Run(
        BytesOf(contribution.Node),
        BytesOf(contribution.Account),
        contribution.CapacityBytes,
        contribution.Sequence,
        contribution.ExpiresAt.ToUnixTimeMilliseconds());

    public void ForgetContribution(NodeId node) => _forgetContribution.Run(BytesOf(node));

    public void Dispose() => _connection.Dispose();

    private static void CheckFormat(SqliteConnection connection, string path)
    {
        if (connection.ReadNumber("PRAGMA application_id") != ApplicationId)
        {
            throw new PastException($"The file '{path}' is not a broker's books. Choose another name.");
        }

        if (connection.ReadNumber("PRAGMA user_version") is var version and not Version)
        {
            throw new PastException($"The broker's books '{path}' have format {version}; this release reads {Version}. Update, or choose another file.");
        }
    }

    private static Debit ReadDebit(FileId fileId, SqliteDataReader row) => new(
        fileId, ReadHash(row, 0), row.GetInt64(1), row.GetInt32(2), row.GetInt64(3), row.GetInt64(4), ReadTime(row, 5), ReadTime(row, 6), row.GetInt32(7));

    private static Contribution ReadContribution(SqliteDataReader row) => new(
        NodeId.FromBytes(row.GetFieldValue<byte[]>(0)), ReadHash(row, 1), row.GetInt64(2), row.GetInt64(3), ReadTime(row, 4));

    private static Hash256 ReadHash(SqliteDataReader row, int column) => Hash256.FromBytes(row.GetFieldValue<byte[]>(column));

    private static DateTimeOffset ReadTime(SqliteDataReader row, int column) => DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(column));

    private static byte[] BytesOf(FileId id)
    {
        var bytes = new byte[FileId.ByteLength];
        id.WriteBytes(bytes);
        return bytes;
    }

    private static byte[] BytesOf(NodeId id)
    {
        var bytes = new byte[NodeId.ByteLength];
        id.WriteBytes(bytes);
        return bytes;
    }

    private static byte[] BytesOf(Hash256 hash)
    {
        var bytes = new byte[Hash256.ByteLength];
        hash.WriteBytes(bytes);
        return bytes;
    }
}
