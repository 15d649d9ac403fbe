using System.Data.Common;
using System.Globalization;
using P2P.YouServ.Storage;

namespace P2P.YouServ;

/// <summary>Is what the stores in SQLite and in PostgreSQL have in common: the statements. How they run is what tells them apart.</summary>
public abstract partial class SqlCoordinatorStore : ICoordinatorStore
{
    private protected SqlCoordinatorStore()
    {
    }

    /// <inheritdoc/>
    public abstract TimeProvider Clock { get; }

    /// <inheritdoc/>
    public abstract bool IsShared { get; }

    /// <inheritdoc/>
    public abstract ValueTask DisposeAsync();

    /// <inheritdoc/>
    public async ValueTask<byte[]> GetOrAddSecretAsync(string name, Func<byte[]> create, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(create);
        const string Find = "SELECT value FROM youserv_secrets WHERE name = @p1";
        var found = await ReadAsync(session => session.ScalarAsync<string>(Find, name), cancellationToken).ConfigureAwait(false);
        return Convert.FromBase64String(found ?? (await WriteAsync(
            async session =>
            {
                await session.ExecuteAsync(
                    "INSERT INTO youserv_secrets (name, value) VALUES (@p1, @p2) ON CONFLICT (name) DO NOTHING", name, Convert.ToBase64String(create())).ConfigureAwait(false);
                return await session.ScalarAsync<string>(Find, name).ConfigureAwait(false);
            },
            cancellationToken).ConfigureAwait(false))!);
    }

    /// <inheritdoc/>
    public ValueTask<AccountRecord?> FindAccountAsync(UserId user, CancellationToken cancellationToken = default) =>
        ReadAsync(
            session => session.FirstAsync(ReadAccount, "SELECT user_id, display_name, user_groups, password_hash FROM youserv_accounts WHERE user_id = @p1", user.Value),
            cancellationToken);

    /// <inheritdoc/>
    public async ValueTask PutAccountAsync(AccountRecord account, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(account);
        await WriteAsync(
            session => session.ExecuteAsync(
                """
                INSERT INTO youserv_accounts (user_id, display_name, user_groups, password_hash) VALUES (@p1, @p2, @p3, @p4)
                ON CONFLICT (user_id) DO UPDATE SET display_name = excluded.display_name, user_groups = excluded.user_groups, password_hash = excluded.password_hash
                """,
                account.User.Value, account.DisplayName, WriteGroups(account.Groups), account.PasswordHash),
            cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async ValueTask<bool> RemoveAccountAsync(UserId user, CancellationToken cancellationToken = default) =>
        await WriteAsync(session => session.ExecuteAsync("DELETE FROM youserv_accounts WHERE user_id = @p1", user.Value), cancellationToken).ConfigureAwait(false) > 0;

    /// <summary>Runs statements that change nothing.</summary>
    private protected abstract ValueTask<T> ReadAsync<T>(Func<SqlSession, ValueTask<T>> work, CancellationToken cancellationToken = default);

    /// <summary>Runs statements of which all have their effect, durably, or none.</summary>
    private protected abstract ValueTask<T> WriteAsync<T>(Func<SqlSession, ValueTask<T>> work, CancellationToken cancellationToken = default);

    private static AccountRecord ReadAccount(DbDataReader row) => new()
    {
        User = UserId.Parse(row.GetString(0)),
        DisplayName = row.GetString(1),
        Groups = ReadGroups(row.GetString(2)),
        PasswordHash = row.GetString(3),
    };

    private static string WriteGroups(IEnumerable<string> groups) => string.Join('\n', groups);

    private static string[] ReadGroups(string text) => text.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    private static long WriteMoment(DateTimeOffset moment) => moment.ToUnixTimeMilliseconds();

    private static DateTimeOffset ReadMoment(object value) => DateTimeOffset.FromUnixTimeMilliseconds(Convert.ToInt64(value, CultureInfo.InvariantCulture));
}
