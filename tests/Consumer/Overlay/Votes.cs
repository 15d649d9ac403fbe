using System.Collections.Concurrent;
using System.Text;
using P2P.Pastry;

namespace Consumer.Overlay;

/// <summary>Counts votes: each name has a node that counts for it, the one closest to the name's key. An application of one's own on Pastry, and its module in one.</summary>
internal sealed class Votes() : PastryApplication(PastryApplicationId.FromName("example.org/votes")), IPastryModule
{
    private readonly Dictionary<string, int> _counts = []; // Handlers alone use it, and they run one at a time.
    private readonly ConcurrentDictionary<string, TaskCompletionSource<int>> _asked = [];
    private INodePort _node = null!;

    PastryApplication IPastryModule.Application => this;

    /// <summary>Votes for a name, and learns how many have. One vote at a time for each name.</summary>
    public async Task<int> VoteAsync(string name, CancellationToken cancellationToken)
    {
        var asked = _asked.GetOrAdd(name, _ => new());
        await _node.RouteAsync(NodeId.FromText(name), Encoding.UTF8.GetBytes(name), RouteOptions.WithOrigin, cancellationToken);
        return await asked.Task.WaitAsync(cancellationToken);
    }

    void IPastryModule.Attach(INodePort port) => _node = port;

    ValueTask IAsyncDisposable.DisposeAsync() => default;

    protected override void Deliver(in RoutedMessage message, IOverlay overlay)
    {
        var name = Encoding.UTF8.GetString(message.Payload.Span);
        _counts[name] = _counts.GetValueOrDefault(name) + 1;
        overlay.Send(message.Origin!, Payload.FromBytes(Encoding.UTF8.GetBytes($"{_counts[name]} {name}")));
    }

    protected override void Receive(NodeHandle from, in Payload payload, IOverlay overlay)
    {
        if (Encoding.UTF8.GetString(payload.Span).Split(' ', 2) is [var count, var name] && _asked.TryRemove(name, out var asked))
        {
            // Who awaits goes on outside of the handler: in a simulation on its thread, too.
            _node.Start(() => Task.FromResult(asked.TrySetResult(int.Parse(count))));
        }
    }
}
