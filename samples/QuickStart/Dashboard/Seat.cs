using P2P.Pastry;
using P2P.Scribe;
using QuickStart.Ring;

namespace QuickStart.Dashboard;

/// <summary>Keeps one node in the group for as long as it runs: joins, begins the group where there is none, and joins again when it has ended.</summary>
internal sealed class Seat(Member member, ISigner creator)
{
    public const string GroupName = "the ring";

    private static readonly GroupPolicy Policy = new() { HistoryCount = 1024 };

    /// <summary>How long it waits where nobody has answered.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);

    private IGroup? _group;
    private long _heard;

    /// <summary>How many messages the member has heard.</summary>
    public long Heard => Interlocked.Read(ref _heard);

    public async Task SitAsync(CancellationToken cancellationToken)
    {
        try
        {
            while (member.IsUp)
            {
                if (await member.Scribe.JoinOrCreateAsync(GroupName, creator, Policy, new(), cancellationToken) is JoinResult.Joined { Group: var group })
                {
                    Volatile.Write(ref _group, group);
                    await foreach (var happened in group.EventsAsync(cancellationToken))
                    {
                        Interlocked.Add(ref _heard, happened is GroupEvent.Received ? 1 : 0);
                    }

                    Volatile.Write(ref _group, null);
                }

                await Task.Delay(Pause, cancellationToken);
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or ScribeException or PastryException)
        {
            // The node has stopped.
        }
    }

    /// <summary>Says something, where it is a member at the moment.</summary>
    public async Task<bool> SayAsync(ReadOnlyMemory<byte> text, CancellationToken cancellationToken)
    {
        try
        {
            return Volatile.Read(ref _group) is { } group && await group.PublishAsync(text, cancellationToken: cancellationToken) is PublishResult.Published;
        }
        catch (ScribeException)
        {
            // The membership has ended meanwhile.
            return false;
        }
    }
}
