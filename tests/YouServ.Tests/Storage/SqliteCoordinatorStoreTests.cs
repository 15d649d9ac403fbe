using Microsoft.Data.Sqlite;
using P2P.YouServ;

namespace YouServ.Tests.Storage;

public sealed class SqliteCoordinatorStoreTests : CoordinatorStoreTests
{
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public async Task What_is_no_database_is_refused_with_its_name()
    {
        var path = _folder.In("note.txt");
        await File.WriteAllTextAsync(path, string.Concat(Enumerable.Repeat("This is no database. ", 100)));
        var failure = await Assert.ThrowsAsync<YouServException>(() => SqliteCoordinatorStore.OpenAsync(path));
        Assert.Contains(path, failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Tables_of_another_version_are_refused_and_left_as_they_are()
    {
        var path = _folder.In("old.db");
        await using var connection = new SqliteConnection($"Data Source={path};Pooling=False");
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = """
            CREATE TABLE youserv_about (name TEXT PRIMARY KEY, value TEXT NOT NULL);
            INSERT INTO youserv_about VALUES ('schema', '1');
            CREATE TABLE youserv_sites (name TEXT PRIMARY KEY);
            """;
        await command.ExecuteNonQueryAsync();
        var failure = await Assert.ThrowsAsync<YouServException>(() => SqliteCoordinatorStore.OpenAsync(path));
        Assert.Contains("version 1", failure.Message, StringComparison.Ordinal);
        command.CommandText = "SELECT count(*) FROM sqlite_master WHERE type = 'table'";
        Assert.Equal(2L, await command.ExecuteScalarAsync());
    }

    [Fact]
    public async Task Others_on_the_machine_cannot_read_it()
    {
        await using var store = await OpenAsync();
        foreach (var file in Directory.GetFiles(_folder.In("state")))
        {
            if (!OperatingSystem.IsWindows())
            {
                Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
            }
        }
    }

    protected override async Task<ICoordinatorStore> OpenAsync() => await SqliteCoordinatorStore.OpenAsync(_folder.In("state", "coordinator.db"));

    protected override Task CleanAsync()
    {
        _folder.Dispose();
        return Task.CompletedTask;
    }
}
