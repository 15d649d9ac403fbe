// snippet: arena
using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Text;
using P2P.Pastry;
using P2P.Scribe;
// end of snippet

namespace Architecture.Tests.Snippets.Cookbook;

// snippet: arena
/// <summary>Is what one player sees of a game without a server: where everybody is, and the hits, in one order for all.</summary>
public sealed class Arena(IGroup group)
{
    private readonly ConcurrentDictionary<NodeId, Place> _places = [];
    private readonly ConcurrentQueue<Hit> _hits = [];

    /// <summary>Where everybody was last.</summary>
    public IReadOnlyDictionary<NodeId, Place> Places => _places;

    /// <summary>All hits since this player has joined; every player has the same. A round has so many that nobody forgets them: longer games keep a score.</summary>
    public IReadOnlyCollection<Hit> Hits => _hits;

    /// <summary>How many messages are known to be missed: whoever shows a score asks others for theirs then.</summary>
    public long Missed { get; private set; }

    /// <summary>Tells where the player is. Of positions the latest counts: one that waits is replaced, and a slow member gets fewer.</summary>
    public async Task MoveAsync(int x, int y)
    {
        var message = new byte[8];
        BinaryPrimitives.WriteInt32LittleEndian(message, x);
        BinaryPrimitives.WriteInt32LittleEndian(message.AsSpan(4), y);
        await group.PublishAsync(message, DeliveryClass.Sequenced).ConfigureAwait(false);
    }

    /// <summary>Hits somebody; true when it can't be lost any more. Who was hit first, the group's order says.</summary>
    public async Task<bool> HitAsync(NodeId whom) => await group.PublishAsync(Encoding.ASCII.GetBytes($"{whom}")).ConfigureAwait(false) is PublishResult.Published;

    /// <summary>Takes in what others do, until the membership ends. Run it beside the game's loop.</summary>
    public async Task WatchAsync(CancellationToken cancellationToken = default)
    {
        await foreach (var happened in group.EventsAsync(cancellationToken).ConfigureAwait(false))
        {
            // What others send may be anything: of the wrong form it is passed over. The author is whoever has signed.
            switch (happened)
            {
                case GroupEvent.Received { Message: { Class: DeliveryClass.Sequenced, Content: { Length: 8 } place } message }:
                    _places[message.Author] = new Place(BinaryPrimitives.ReadInt32LittleEndian(place.Span), BinaryPrimitives.ReadInt32LittleEndian(place.Span[4..]));
                    break;
                case GroupEvent.Received { Message: { Class: DeliveryClass.Ordered } message } when NodeId.TryParse(Encoding.ASCII.GetString(message.Content.Span), null, out var whom):
                    _hits.Enqueue(new Hit(message.Author, whom));
                    break;
                case GroupEvent.Gap gap:
                    Missed += (long)(gap.Last - gap.First + 1);
                    break;
                case GroupEvent.Overrun overrun:
                    Missed += overrun.Count;
                    break;
            }
        }
    }
}

public readonly record struct Place(int X, int Y);

public readonly record struct Hit(NodeId By, NodeId Whom);
// end of snippet
