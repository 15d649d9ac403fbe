using System.Collections.Concurrent;
using P2P.Pastry;
using P2P.Scribe;
using QuickStart.Ring;

namespace QuickStart.Groups;

/// <summary>Is a group of which all nodes of the ring are members.</summary>
internal sealed class Gathering : IAsyncDisposable
{
    private const string Name = "the tour";

    /// <summary>How long messages may take, a crash included.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    /// <summary>Bursts are what the chapter shows; and enough is kept for who is cut off from the tree while all is said.</summary>
    private static readonly GroupPolicy Policy = new() { MessagesPerSecondMax = 100_000, HistoryCount = 4096 };

    private readonly Spoken _spoken;
    private readonly List<Listener> _listeners = [];
    private readonly ConcurrentBag<int> _published = [];

    private Gathering(Spoken spoken) => _spoken = spoken;

    /// <summary>The members whose nodes live.</summary>
    public IReadOnlyList<Listener> Live => [.. _listeners.Where(listener => listener.Member.IsUp)];

    /// <summary>The messages of which their authors were told that they are safe.</summary>
    public IReadOnlyCollection<int> Published => _published;

    /// <summary>Lets all nodes join: the first finds no group, and begins it.</summary>
    public static async Task<Gathering> BeginAsync(IReadOnlyList<Member> members, Spoken spoken, CancellationToken cancellationToken)
    {
        using var creator = SigningKey.Create();
        var gathering = new Gathering(spoken);
        try
        {
            foreach (var member in members)
            {
                var joined = await member.Scribe.JoinOrCreateAsync(
                    Name, creator, Policy, new() { EventsMax = spoken.Count + 1024 }, cancellationToken);
                var listener = joined is JoinResult.Joined { Group: var group }
                    ? new Listener(member, group, spoken)
                    : throw new ScribeException($"{member.Node.Handle} could not join the group as number {gathering._listeners.Count}: {joined}.");
                gathering._listeners.Add(listener);
                listener.Begin();
            }

            return gathering;
        }
        catch
        {
            await gathering.DisposeAsync();
            throw;
        }
    }

    /// <summary>Finds the member whose node gives the messages their order.</summary>
    public async Task<Listener> RendezvousPointAsync(CancellationToken cancellationToken)
    {
        foreach (var listener in Live)
        {
            var snapshot = await listener.Member.Scribe.GetSnapshotAsync(cancellationToken);
            if (snapshot.Groups.Any(group => group.Group == listener.Group.Id && group.IsRendezvousPoint))
            {
                return listener;
            }
        }

        throw new ScribeException("No node is the group's rendezvous point.");
    }

    /// <summary>Publishes messages in the name of one member, many at a time, and waits until it is known of each whether it is safe.</summary>
    /// <param name="author">The member.</param>
    /// <param name="numbers">The messages.</param>
    /// <param name="together">How many may be under way.</param>
    /// <param name="pause">How long to wait between two.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task PublishAsync(Listener author, IEnumerable<int> numbers, int together, TimeSpan pause, CancellationToken cancellationToken)
    {
        using var room = new SemaphoreSlim(together);
        var publishing = new List<Task>();
        foreach (var number in numbers)
        {
            await room.WaitAsync(cancellationToken);
            publishing.Add(PublishAsync(author, number, room, cancellationToken));
            if (pause > TimeSpan.Zero)
            {
                await Task.Delay(pause, cancellationToken);
            }
        }

        await Task.WhenAll(publishing);
    }

    /// <summary>Waits until every live member has heard so many messages, or was told that it has missed some.</summary>
    public Task WhenHeardAsync(int count, CancellationToken cancellationToken) => WhenAsync(() => Live.All(listener => listener.Count + listener.Missed >= count), cancellationToken);

    /// <summary>
    /// Waits until every live member has heard all that is safe, and as much as the others, or was told that it has missed some. A count alone does not tell: messages of which their authors don't
    /// know whether they are safe are counted too, while others that are safe have yet to come.
    /// </summary>
    public Task WhenAllHeardAsync(CancellationToken cancellationToken) => WhenAsync(
        () => Live is var live && live.All(listener => listener.Count + listener.Missed >= Published.Count)
            && (live.Any(listener => listener.Missed > 0) || HaveAll([.. live.Select(listener => listener.Heard)])),
        cancellationToken);

    public async ValueTask DisposeAsync()
    {
        foreach (var listener in _listeners)
        {
            await listener.DisposeAsync();
        }
    }

    private async Task PublishAsync(Listener author, int number, SemaphoreSlim room, CancellationToken cancellationToken)
    {
        try
        {
            if (await author.Group.PublishAsync(_spoken.Say(number), cancellationToken: cancellationToken) is PublishResult.Published)
            {
                _published.Add(number);
            }
        }
        finally
        {
            room.Release();
        }
    }

    private bool HaveAll(IReadOnlyList<IReadOnlyList<int>> heard) => heard.All(one => one.Count == heard[0].Count) && OrderCheck.CountLost(heard, Published) == 0;

    private Task WhenAsync(Func<bool> holds, CancellationToken cancellationToken) => Waiting.UntilAsync(
        holds,
        Patience,
        () => $"Of {Published.Count} messages, members of the group have heard {string.Join(", ", Live.Select(listener => $"{listener.Count} (and missed {listener.Missed})"))} after {Patience}.",
        cancellationToken);
}
