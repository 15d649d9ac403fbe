using P2P.YouServ;

namespace YouServ.Tests.Storage;

public sealed class PostgresCoordinatorStoreTests(PostgresServer server) : CoordinatorStoreTests, IClassFixture<PostgresServer>
{
    private string? _database;

    protected override async Task<ICoordinatorStore> OpenAsync() => await PostgresCoordinatorStore.OpenAsync(_database ??= await server.CreateDatabaseAsync());
}
