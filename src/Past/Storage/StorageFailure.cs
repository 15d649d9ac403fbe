using Microsoft.Data.Sqlite;

namespace P2P.Past;

/// <summary>Says in the package's terms what the disk or the database of a store refused.</summary>
internal sealed class StorageFailure(string root)
{
    // https://sqlite.org/rescode.html
    private const int IoError = 10;
    private const int Corrupt = 11;
    private const int Full = 13;
    private const int NotADatabase = 26;

    /// <summary>The log's index could not grow; it says so of a full disk, and of hardly anything else.</summary>
    private const int IndexOfLogCannotGrow = 4874;

    /// <summary>Tells whether an exception is the disk's or the database's.</summary>
    public static bool Is(Exception exception) => exception is IOException or UnauthorizedAccessException or SqliteException;

    /// <summary>Tells whether a database has said that it is damaged.</summary>
    public static bool IsDamage(Exception exception) => exception is SqliteException { SqliteErrorCode: Corrupt or NotADatabase };

    /// <summary>Tells whether what was to be read is damaged or can't be read.</summary>
    public static bool IsUnreadable(Exception exception) => exception is SqliteException { SqliteErrorCode: Corrupt or NotADatabase or IoError };

    /// <summary>Translates what happened to a replica.</summary>
    public PastException Of(FileId id, Exception exception) =>
        IsFull(exception) ? new ReplicaStoreFullException(
            $"The disk of the replica store '{root}' is full; the replica of {id} was not changed. Free some of it, or give the store less capacity.", exception)
        : IsDamage(exception) ? Damaged(exception)
        : new PastException($"The replica store '{root}' failed on the replica of {id}: {exception.Message}", exception);

    /// <summary>Says that the database itself is damaged, and what brings the store back.</summary>
    public PastException Damaged(Exception exception) => Damaged(exception.Message, exception);

    /// <inheritdoc cref="Damaged(Exception)"/>
    public PastException Damaged(string what, Exception? exception = null) =>
        new(
            $"The database of the replica store '{root}' is damaged: {what} Check the disk, and open the store once with "
            + $"{nameof(DiskReplicaStoreOptions)}.{nameof(DiskReplicaStoreOptions.Rebuild)}: files and all that can still be read are kept, other nodes have the rest.",
            exception!);

    private static bool IsFull(Exception exception) => exception switch
    {
        SqliteException sqlite => sqlite.SqliteErrorCode == Full || sqlite.SqliteExtendedErrorCode == IndexOfLogCannotGrow,
        IOException io => (io.HResult & 0xFFFF) is var code
            && (OperatingSystem.IsWindows() ? code is 0x27 or 0x70 : code is 28 or 69 or 122), // ENOSPC, EDQUOT of macOS, EDQUOT of Linux
        _ => false,
    };
}
