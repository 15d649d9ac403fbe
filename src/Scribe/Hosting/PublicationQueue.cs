using P2P.Scribe.Wire;

namespace P2P.Scribe;

/// <summary>Holds the messages of one class that wait to be signed: of the values of a key, the latest.</summary>
internal sealed class PublicationQueue
{
    private readonly LinkedList<Publication> _waiting = new();
    private readonly Dictionary<ulong, LinkedListNode<Publication>> _values = [];

    public bool IsEmpty => _waiting.Count == 0;

    /// <summary>Adds a message.</summary>
    /// <returns>The older value in whose place it comes, where there is one.</returns>
    public Publication? Add(Publication publication)
    {
        if (publication.Item.Class != DeliveryClass.Sequenced)
        {
            _waiting.AddLast(publication);
            return null;
        }

        if (_values.TryGetValue(publication.Item.Key, out var node))
        {
            var replaced = node.Value;
            node.Value = publication;
            return replaced;
        }

        _values.Add(publication.Item.Key, _waiting.AddLast(publication));
        return null;
    }

    /// <summary>Adds ordered messages that come before all others.</summary>
    public void AddFirst(IEnumerable<Publication> publications)
    {
        foreach (var publication in publications.Reverse())
        {
            _waiting.AddFirst(publication);
        }
    }

    /// <returns>False where it does not wait any more.</returns>
    public bool Remove(Publication publication)
    {
        if (!_waiting.Remove(publication))
        {
            return false;
        }

        Forget(publication);
        return true;
    }

    /// <summary>Takes as many of the first messages as fit a batch.</summary>
    /// <param name="countMax">How many messages at most.</param>
    /// <param name="room">How many bytes of messages fit.</param>
    public Publication[] TakeBatch(int countMax, int room)
    {
        var count = 0;
        foreach (var publication in _waiting)
        {
            if (count == countMax || (room -= SignedBatch.LengthOf(publication.Item)) < 0)
            {
                break;
            }

            count++;
        }

        var batch = new Publication[count];
        for (var i = 0; i < count; i++)
        {
            batch[i] = _waiting.First!.Value;
            _waiting.RemoveFirst();
            Forget(batch[i]);
        }

        return batch;
    }

    public Publication[] TakeAll()
    {
        Publication[] all = [.. _waiting];
        _waiting.Clear();
        _values.Clear();
        return all;
    }

    private void Forget(Publication publication)
    {
        if (publication.Item.Class == DeliveryClass.Sequenced)
        {
            _values.Remove(publication.Item.Key);
        }
    }
}

/// <summary>Is a message whose author waits to hear what became of it.</summary>
internal sealed class Publication(BatchItem item, long since)
{
    public BatchItem Item => item;

    /// <summary>When it was published, as the clock's timestamp.</summary>
    public long Since => since;

    public TaskCompletionSource<PublishResult> Ended { get; } = new();
}
