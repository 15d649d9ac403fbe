// snippet: shared-dictionary
using System.Collections.Concurrent;
using System.Text.Json;
using P2P.Pastry;
// end of snippet

namespace HelloOverlay;

// snippet: shared-dictionary
/// <summary>Shares small values by name: the node closest to a name's key answers for it, and its nearest neighbours hold copies.</summary>
public sealed class SharedDictionary() : PastryApplication(PastryApplicationId.FromName("example.org/dictionary")), IPastryModule
{
    private const int Copies = 4, AttemptsMax = 30;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    private readonly Dictionary<string, Entry> _held = []; // Handlers alone use it, and they run one at a time.
    private readonly ConcurrentDictionary<long, TaskCompletionSource<string?>> _asked = [];
    private long _lastNumber;
    private INodePort _node = null!;

    /// <summary>Puts a value under a name; of several values, the one put last stays.</summary>
    public Task PutAsync(string name, string value) => AskAsync(new Entry(name, value, _node.Time.GetUtcNow().Ticks));

    /// <summary>Finds the value of a name; null if there is none.</summary>
    public Task<string?> GetAsync(string name) => AskAsync(new Entry(name));

    PastryApplication IPastryModule.Application => this;

    void IPastryModule.Attach(INodePort port) => _node = port;

    ValueTask IAsyncDisposable.DisposeAsync()
    {
        foreach (var asked in _asked.Values)
        {
            asked.TrySetException(new PastryException("The node has stopped."));
        }

        return ValueTask.CompletedTask;
    }

    // The node closest to a name is asked for it, or given its value: it answers with what it holds.
    protected override void Deliver(in RoutedMessage message, IOverlay overlay)
    {
        var question = Read(message.Payload);
        if (Keep(question))
        {
            foreach (var holder in HoldersOf(question, overlay).Except([overlay.Self]))
            {
                overlay.Send(holder, Write(_held[question.Name]));
            }
        }

        if (message.Origin is { } asking)
        {
            overlay.Send(asking, Write(_held.GetValueOrDefault(question.Name, question) with { Number = question.Number }));
        }
    }

    // Who asked gets the answer; a neighbour gets a copy, which has no number.
    protected override void Receive(NodeHandle from, in Payload payload, IOverlay overlay)
    {
        var entry = Read(payload);
        if (entry.Number == 0)
        {
            Keep(entry);
        }
        else if (_asked.TryRemove(entry.Number, out var asked))
        {
            _node.Start(() => Task.FromResult(asked.TrySetResult(entry.Value)));
        }
    }

    // Who comes may be closer to a name than one of its holders; where one has gone, the next closest takes its place.
    protected override void Update(NodeHandle node, NeighborChange change, IOverlay overlay)
    {
        var hasGone = change is NeighborChange.Failed or NeighborChange.Departed;
        foreach (var entry in _held.Values)
        {
            var holders = HoldersOf(entry, overlay);
            foreach (var newcomer in holders.Where(holder => holder.Equals(hasGone ? holders[^1] : node)))
            {
                overlay.Send(newcomer, Write(entry));
            }
        }
    }

    private bool Keep(Entry entry)
    {
        if (entry.Written <= (_held.GetValueOrDefault(entry.Name)?.Written ?? 0))
        {
            return false;
        }

        _held[entry.Name] = entry with { Number = 0 };
        return true;
    }

    private static IReadOnlyList<NodeHandle> HoldersOf(Entry entry, IOverlay overlay) => overlay.ReplicaSet(NodeId.FromText(entry.Name), Copies);

    private async Task<string?> AskAsync(Entry entry)
    {
        var question = entry with { Number = Interlocked.Increment(ref _lastNumber) };
        var answer = (_asked[question.Number] = new()).Task;
        for (var attempt = 0; attempt < AttemptsMax && !answer.IsCompleted; attempt++)
        {
            // Messages can be lost, and the closest node may just have crashed.
            await _node.RouteAsync(NodeId.FromText(question.Name), Write(question).Memory, RouteOptions.WithOrigin).ConfigureAwait(false);
            await Task.WhenAny(answer, Task.Delay(Patience, _node.Time)).ConfigureAwait(false);
        }

        _asked.TryRemove(question.Number, out _);
        return answer.IsCompleted ? await answer.ConfigureAwait(false) : throw new TimeoutException($"Nobody answers for '{entry.Name}'.");
    }

    private static Payload Write(Entry entry) => Payload.FromBytes(JsonSerializer.SerializeToUtf8Bytes(entry));

    private static Entry Read(in Payload payload) => JsonSerializer.Deserialize<Entry>(payload.Span)!;

    private sealed record Entry(string Name, string? Value = null, long Written = 0, long Number = 0);
}
// end of snippet
