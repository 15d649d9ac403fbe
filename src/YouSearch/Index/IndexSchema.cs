using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace P2P.YouSearch.Index;

/// <summary>Makes the tables of an index, and tells whether a database is one.</summary>
internal static class IndexSchema
{
    /// <summary>Tells a database of this library from others: "YSix".</summary>
    public const long ApplicationId = 0x59536978;

    /// <summary>Goes up with whatever makes an old index useless: the tables, or how words are folded.</summary>
    public const long Version = 1;

    private static readonly string[] Tables =
    [
        "CREATE TABLE areas (number INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, documents INTEGER NOT NULL, words INTEGER NOT NULL)",
        """
        CREATE TABLE documents (
            id INTEGER PRIMARY KEY, path TEXT NOT NULL UNIQUE, stamp TEXT NOT NULL, digest TEXT NOT NULL, title TEXT, type TEXT NOT NULL, length INTEGER NOT NULL,
            modified INTEGER NOT NULL, words INTEGER NOT NULL, has_text INTEGER NOT NULL)
        """,

        // Beside the documents, so that listing these reads no text.
        "CREATE TABLE texts (id INTEGER PRIMARY KEY, text BLOB NOT NULL)",
        "CREATE TABLE terms (id INTEGER PRIMARY KEY, hashes BLOB NOT NULL)",

        // Words come folded, with blanks between them, so that of FTS5's tokenizers the simplest will do.
        """CREATE VIRTUAL TABLE words USING fts5(title, body, meta, content='', contentless_delete=1, tokenize="ascii tokenchars '_'")""",

        // What gathers in memory before it is written; larger means fewer and longer runs, which have to be merged less often.
        "INSERT INTO words (words, rank) VALUES ('hashsize', 16777216)",
    ];

    /// <summary>What a database is.</summary>
    public enum State
    {
        Empty,
        Current,
        Outdated,
        Foreign,
    }

    /// <summary>Tells what a database is.</summary>
    public static State Examine(IndexSession session)
    {
        var (application, version) = (session.Scalar("PRAGMA application_id"), session.Scalar("PRAGMA user_version"));
        if (application != ApplicationId)
        {
            return application == 0 && session.Scalar("SELECT count(*) FROM sqlite_schema") == 0 ? State.Empty : State.Foreign;
        }

        return version == Version ? State.Current : State.Outdated;
    }

    /// <summary>Makes the tables.</summary>
    public static void Create(IndexSession session)
    {
        // Before there is a log beside the file: what tells the file from others must stand in it.
        session.Execute($"PRAGMA application_id = {ApplicationId}");
        session.Execute("PRAGMA journal_mode = WAL");
        session.InTransaction(
            "BEGIN IMMEDIATE",
            session =>
            {
                foreach (var table in Tables)
                {
                    session.Execute(table);
                }

                session.Execute($"PRAGMA user_version = {Version}");
                return true;
            },
            default);
    }

    /// <summary>Prepares a connection.</summary>
    public static void Configure(IndexSession session, bool isWriter)
    {
        session.Execute("PRAGMA journal_mode = WAL");
        session.Execute("PRAGMA synchronous = FULL");
        session.Execute($"PRAGMA cache_size = {(isWriter ? -16384 : -8192)}");
        session.Execute("PRAGMA journal_size_limit = 16777216");
        if (!isWriter)
        {
            session.Execute("PRAGMA query_only = ON");
        }
    }

    /// <summary>Whether a failure says that the file is damaged, or was no index in the first place.</summary>
    public static bool IsDamage(SqliteException failure) => failure.SqliteErrorCode is raw.SQLITE_CORRUPT or raw.SQLITE_NOTADB;
}
