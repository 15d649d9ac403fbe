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
