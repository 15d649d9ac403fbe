using NodeSample;

namespace Node.Tests;

public sealed class WholeFileTests : IDisposable
{
    private readonly Workplace _work = new();

    public void Dispose() => _work.Dispose();

    [Fact]
    public async Task A_failure_on_the_way_leaves_what_was_there_before()
    {
        var path = _work.PathOf("file");
        await File.WriteAllTextAsync(path, "before", _work.Patience);

        await Assert.ThrowsAsync<FailedException>(() => WholeFile.WriteAsync(
            path,
            async (stream, cancellationToken) =>
            {
                await stream.WriteAsync("half"u8.ToArray(), cancellationToken);
                throw new IOException("The network broke.");
            },
            _work.Patience));

        Assert.Equal("before", await File.ReadAllTextAsync(path, _work.Patience));
        Assert.Equal([path], Directory.GetFiles(_work.Folder));
    }
}
