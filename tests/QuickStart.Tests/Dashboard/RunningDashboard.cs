using System.Text.Json;
using YouServ.Tests;

namespace QuickStart.Tests.Dashboard;

/// <summary>Is the dashboard of a small ring, as a process of its own, for the tests of one class.</summary>
public sealed class RunningDashboard : IAsyncLifetime
{
    private readonly CancellationTokenSource _patience = new(TimeSpan.FromMinutes(2));
    private readonly TemporaryFolder _temporary = new();
    private readonly NastyFolder _input = new();
    private readonly HttpClient _client = new();
    private TourProcess _process = null!;

    public Uri Page { get; private set; } = null!;

    public Uri Socket => new UriBuilder(new Uri(Page, "socket")) { Scheme = "ws" }.Uri;

    public async Task InitializeAsync()
    {
        _process = TourProcess.Start(_temporary.Path, "--dashboard", "--nodes", "8", "--input", _input.Path);
        Page = await _process.PageAsync(_patience.Token);
    }

    /// <summary>Asks the program itself how its nodes are.</summary>
    public async Task<IReadOnlyList<JsonElement>> NodesAsync(CancellationToken cancellationToken)
    {
        using var state = JsonDocument.Parse(await _client.GetStringAsync(new Uri(Page, "state"), cancellationToken));
        return [.. state.RootElement.GetProperty("nodes").EnumerateArray().Select(node => node.Clone())];
    }

    /// <summary>Ends the program, as Ctrl+C does.</summary>
    public Task<int> TerminateAsync(CancellationToken cancellationToken) => _process.TerminateAsync(cancellationToken);

    public Task DisposeAsync()
    {
        _process.Dispose();
        _client.Dispose();
        _patience.Dispose();
        _input.Dispose();
        _temporary.Dispose();
        return Task.CompletedTask;
    }
}
