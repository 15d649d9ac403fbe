using Game.Messages;
using P2P.Pastry;
using P2P.Scribe;

namespace Game.Net;

/// <summary>Takes part in one group for as long as it is wanted: begins it where there is none, and joins again when it has ended, since nobody else does that for a world without a server.</summary>
/// <param name="scribe">SCRIBE on the player's node.</param>
/// <param name="world">The world.</param>
/// <param name="name">The group's name.</param>
/// <param name="options">How to be a member.</param>
/// <param name="take">Takes what others say.</param>
/// <param name="time">The clock.</param>
internal sealed class Seat(IScribe scribe, WorldGroups world, string name, JoinOptions options, Action<NodeId, GameMessage> take, TimeProvider time) : IAsyncDisposable
{
    /// <summary>How long it waits where nobody has answered.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);

    private readonly CancellationTokenSource _leaving = new();
    private Task _sitting = Task.CompletedTask;
    private IGroup? _group;

    public GroupId Id { get; } = world.IdOf(name);

    /// <summary>Whether it is a member at the moment.</summary>
    public bool IsTaken => Volatile.Read(ref _group) is not null;

    public void Begin() => _sitting = SitAsync(_leaving.Token);

    /// <summary>Says something in the group.</summary>
    /// <returns>False where it is no member at the moment, and nothing was said.</returns>
    public async ValueTask<bool> SayAsync(GameMessage message)
    {
        if (Volatile.Read(ref _group) is not { } group)
        {
            return false;
        }

        try
        {
            // snippet: game-publish
            // Of positions the latest is enough: a newer one overtakes those that wait. Shots, hits and words come all, and in one order for everyone.
            var deliveryClass = message is GameMessage.Flown or GameMessage.Stands ? DeliveryClass.Sequenced : DeliveryClass.Ordered;
            return await group.PublishAsync(MessageFormat.Encode(message), deliveryClass) is PublishResult.Published or PublishResult.Sent;
            // end of snippet
        }
        catch (Exception exception) when (exception is ScribeException or OperationCanceledException)
        {
            // The membership has ended meanwhile.
            return false;
        }
    }

    /// <summary>Leaves.</summary>
    public async ValueTask DisposeAsync()
    {
        Leave();
        await _sitting;
        _leaving.Dispose();
    }

    /// <summary>Who waits goes on right here, and on no pool thread: simulated worlds have one thread.</summary>
    private void Leave() => _leaving.Cancel();

    private async Task SitAsync(CancellationToken leaving)
    {
        try
        {
            while (true)
            {
                // snippet: game-join
                // Whoever comes first begins the group; whoever finds it lost begins it again.
                if (await scribe.JoinOrCreateAsync(name, world.Creator, WorldGroups.Policy, options, leaving) is JoinResult.Joined { Group: var group })
                {
                    await ListenAsync(group, leaving);
                }
                // end of snippet
                else
                {
                    await Task.Delay(Pause, time, leaving);
                }
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or ScribeException or PastryException)
        {
            // It leaves, or its node has stopped.
        }
    }

    /// <summary>Listens until it leaves, or the group has ended (<see cref="GroupEvent.Ended"/>).</summary>
    private async Task ListenAsync(IGroup group, CancellationToken leaving)
    {
        Volatile.Write(ref _group, group);
        try
        {
            // snippet: game-listen
            await foreach (var happened in group.EventsAsync(leaving))
            {
                if (happened is GroupEvent.Received { Message: var message } && MessageFormat.TryDecode(message.Content.Span, out var said))
                {
                    take(message.Author, said);
                }
            }
            // end of snippet
        }
        finally
        {
            Volatile.Write(ref _group, null);
            await group.DisposeAsync();
        }
    }
}
