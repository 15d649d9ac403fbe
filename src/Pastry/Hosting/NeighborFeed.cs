using System.Runtime.CompilerServices;
using System.Threading.Channels;

namespace P2P.Pastry;

/// <summary>Tells changes of the leaf set to any number of followers, none of whom can hold the node up.</summary>
/// <param name="allowSynchronousContinuations">True where followers go on within <see cref="Publish"/>; else on the thread pool.</param>
internal sealed class NeighborFeed(bool allowSynchronousContinuations = false)
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
        var channel = Channel.CreateBounded<NeighborChanged>(new BoundedChannelOptions(Backlog)
        {
            FullMode = BoundedChannelFullMode.DropOldest,
            AllowSynchronousContinuations = allowSynchronousContinuations,
        });
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
