using P2P.YouServ.Storage;

namespace YouServ.Tests.Storage;

public sealed class SqliteDatabaseTests
{
    [Fact]
    public async Task A_transaction_that_ends_from_within_fails_alone()
    {
        using var folder = new TemporaryFolder();
        await using var database = await SqliteDatabase.OpenAsync(folder.In("x.db"), "A test", async made =>
            await made.WriteAsync(session => session.ExecuteAsync("CREATE TABLE things (name TEXT PRIMARY KEY)")));

        // What SQLite does of itself where the disk is full.
        await Assert.ThrowsAnyAsync<Exception>(() => database.WriteAsync(async session =>
        {
            await session.ExecuteAsync("INSERT INTO things VALUES ('lost')");
            return await session.ExecuteAsync("ROLLBACK");
        }).AsTask());
        await database.WriteAsync(session => session.ExecuteAsync("INSERT INTO things VALUES ('kept')"));
        Assert.Equal(["kept"], await database.ReadAsync(session => session.ListAsync(row => row.GetString(0), "SELECT name FROM things")));
    }

    [Fact]
    public async Task Work_that_fails_has_no_effect_and_leaves_others_be()
    {
        using var folder = new TemporaryFolder();
        await using var database = await SqliteDatabase.OpenAsync(folder.In("x.db"), "A test", async made =>
            await made.WriteAsync(session => session.ExecuteAsync("CREATE TABLE things (name TEXT PRIMARY KEY)")));
        var good = Enumerable.Range(0, 20).Select(number => database.WriteAsync(session => session.ExecuteAsync("INSERT INTO things VALUES (@p1)", $"{number}")).AsTask());
        var bad = database.WriteAsync<int>(async session =>
        {
            await session.ExecuteAsync("INSERT INTO things VALUES ('bad')");
            throw new InvalidOperationException("on purpose");
        }).AsTask();
        await Task.WhenAll(good);
        await Assert.ThrowsAsync<InvalidOperationException>(() => bad);
        Assert.Equal(20, await database.ReadAsync(session => session.ScalarAsync<long>("SELECT count(*) FROM things")));
    }
}
