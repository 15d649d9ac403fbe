namespace Node.Tests;

/// <summary>Runs one node, a ring of its own with room for 100 KB, for the tests of a class.</summary>
public sealed class LoneNode : IAsyncLifetime
{
    internal Workplace Work { get; } = new();

    internal NodeProcess Node { get; private set; } = null!;

    internal string Address { get; private set; } = "";

    public async Task InitializeAsync()
    {
        Node = Work.StartNode("node", "--capacity", "100KB");
        (Address, _) = await Node.WhenListeningAsync(Work.Patience);
        await Node.WhenReadyAsync(Work.Patience);
    }

    public Task DisposeAsync()
    {
        Work.Dispose();
        return Task.CompletedTask;
    }
}
