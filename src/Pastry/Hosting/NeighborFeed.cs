using System.Runtime.CompilerServices;
using System.Threading.Channels;

namespace P2P.Pastry;

/// <summary>Tells changes of the leaf set to any number of followers, none of whom can hold the node up.</summary>
/// <param name="newChannel">Makes channels whose readers go on where the node's users do.</param>
internal sealed class NeighborFeed(Func<BoundedChannelOptions, Channel<NeighborChanged>> newChannel)
{
    private const int Backlog = 256;

    private readonly Lock _gate = new();
    private readonly List<Channel<NeighborChanged>> _followers = [];
    private bool _hasEnded;

    public void Publish(NeighborChanged change)
    {
        lock (_gate)
        {
            foreach (var follower in _followers.ToArray())
            {
                follower.Writer.TryWrite(change);
            }
        }
    }

    /// <summary>Ends all sequences.</summary>
    public void End()
    {
        lock (_gate)
        {
            _hasEnded = true;
            Array.ForEach(_followers.ToArray(), follower => follower.Writer.TryComplete());
        }
    }

    public async IAsyncEnumerable<NeighborChanged> FollowAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var channel = newChannel(new BoundedChannelOptions(Backlog) { FullMode = BoundedChannelFullMode.DropOldest });
        lock (_gate)
        {
            _followers.Add(channel);
            if (_hasEnded)
            {
                channel.Writer.TryComplete();
            }
        }

        try
        {
            await foreach (var change in channel.Reader.ReadAllAsync(cancellationToken).ConfigureAwait(false))
            {
                yield return change;
            }
        }
        finally
        {
            lock (_gate)
            {
                _followers.Remove(channel);
            }
        }
    }
}
