using System.Diagnostics.CodeAnalysis;
using P2P.Pastry;
using P2P.Scribe.Protocol;
using P2P.Scribe.Wire;

namespace P2P.Scribe;

/// <summary>
/// Puts together and signs what a member publishes. While one batch is being signed, what is published meanwhile waits and makes the next one: so a single
/// message waits for nothing, and many cost one signature.
/// </summary>
/// <param name="port">The node.</param>
/// <param name="metrics">What is measured.</param>
/// <param name="group">The group.</param>
/// <param name="signer">The author.</param>
/// <param name="capability">What allows it to publish, where that is needed.</param>
/// <param name="epoch">Which life of the author this is: later ones have greater numbers.</param>
[SuppressMessage("Reliability", "CA1001", Justification = "A semaphore whose wait handle nobody asks for holds nothing, and who waits at it has to get through.")]
internal sealed class AuthorDesk(INodePort port, ScribeMetrics metrics, GroupId group, BatchSigner signer, GroupCapability? capability, uint epoch)
{
    /// <summary>How many messages may wait to be signed, or to be acknowledged.</summary>
    private const int WaitingMax = 1024;

    private readonly Lock _gate = new();
    private readonly SemaphoreSlim _places = new(WaitingMax);
    private readonly Queue<Waiting> _ordered = new();
    private readonly LinkedList<Waiting> _loose = new();
    private readonly Dictionary<GroupPosition, Waiting[]> _published = [];
    private ulong _lastOrdered;
    private ulong _lastLoose;
    private bool _isSigning;
    private bool _hasEnded;

    public NodeId Author => signer.PublicKey.NodeId;

    public async ValueTask<PublishResult> PublishAsync(ReadOnlyMemory<byte> content, DeliveryClass deliveryClass, ulong key, CancellationToken cancellationToken)
    {
        await _places.WaitAsync(cancellationToken).ConfigureAwait(false);
        var waiting = Begin(new BatchItem(deliveryClass, key, content.ToArray()))
            ?? throw new ScribeException($"The membership in {group} has ended: join again to publish.");
        return await waiting.Ended.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Tells who waits what became of a batch.</summary>
    public void OnEnded(PublicationEnded ended)
    {
        Waiting[]? published;
        lock (_gate)
        {
            _published.Remove(ended.AuthorPosition, out published);
        }

        PublishResult result = ended.Outcome switch
        {
            PublicationOutcome.Taken => new PublishResult.Published(ended.Position == default ? null : ended.Position),
            PublicationOutcome.Denied => new PublishResult.Denied(),
            PublicationOutcome.TooMany => new PublishResult.TooMany(),
            PublicationOutcome.NotFound => new PublishResult.NotFound(),
            _ => new PublishResult.Indeterminate(),
        };
        foreach (var waiting in published ?? [])
        {
            metrics.PublishDuration.Record(port.Time.GetElapsedTime(waiting.Since).TotalSeconds);
        }

        Complete(published ?? [], result);
    }

    /// <summary>Says that the author is in the group; where too much waits already, not this time.</summary>
    public void SayPresent()
    {
        if (_places.Wait(0))
        {
            _ = Begin(new BatchItem(SystemClass.Presence, Key: 0, default));
        }
    }

    /// <summary>Ends the membership, and says so first where members are shown.</summary>
    public async ValueTask EndAsync(bool saysSo)
    {
        try
        {
            if (saysSo)
            {
                await PublishAsync(default, SystemClass.Presence, key: 1, port.Stopping).ConfigureAwait(false);
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or PastryException or ScribeException)
        {
            // Others find out by themselves.
        }

        End();
    }

    /// <summary>The membership has ended: nobody hears any more what became of what was published.</summary>
    public void End()
    {
        Waiting[] all;
        lock (_gate)
        {
            _hasEnded = true;
            all = [.. _ordered, .. _loose, .. _published.Values.SelectMany(published => published)];
            _ordered.Clear();
            _loose.Clear();
            _published.Clear();
        }

        Complete(all, new PublishResult.Indeterminate());
    }

    /// <summary>Puts a message where it waits to be signed. It has its place.</summary>
    /// <returns>Null where the membership has ended.</returns>
    private Waiting? Begin(BatchItem item)
    {
        var waiting = new Waiting(item, port.Time.GetTimestamp());
        lock (_gate)
        {
            if (_hasEnded)
            {
                _places.Release();
                return null;
            }

            Enqueue(waiting);
            if (!_isSigning)
            {
                _isSigning = true;
                port.Start(SignAllAsync);
            }
        }

        return waiting;
    }

    private void Enqueue(Waiting waiting)
    {
        if (waiting.Item.Class == DeliveryClass.Ordered)
        {
            _ordered.Enqueue(waiting);
            return;
        }

        if (waiting.Item.Class == DeliveryClass.Sequenced)
        {
            for (var node = _loose.First; node is not null; node = node.Next)
            {
                if (node.Value.Item.Class == DeliveryClass.Sequenced && node.Value.Item.Key == waiting.Item.Key)
                {
                    // A newer value takes the place of one that still waits.
                    Complete([node.Value], new PublishResult.Sent());
                    node.Value = waiting;
                    return;
                }
            }
        }

        _loose.AddLast(waiting);
    }

    private async Task SignAllAsync()
    {
        while (true)
        {
            Waiting[] items;
            GroupPosition position;
            bool isOrdered;
            lock (_gate)
            {
                isOrdered = _ordered.Count > 0 && (_loose.Count == 0 || _lastOrdered <= _lastLoose);
                items = isOrdered ? TakeOrdered() : TakeLoose();
                if (items.Length == 0)
                {
                    _isSigning = false;
                    return;
                }

                position = new GroupPosition(epoch, isOrdered ? ++_lastOrdered : ++_lastLoose);
                if (isOrdered)
                {
                    _published.Add(position, items);
                }
            }

            try
            {
                var batch = await SignedBatch.CreateAsync(group, signer.PublicKey, isOrdered, position, [.. items.Select(waiting => waiting.Item)], capability, signer.SignAsync).ConfigureAwait(false);
                await port.PostAsync(new PublishBatch(batch), port.Stopping).ConfigureAwait(false);
                if (!isOrdered)
                {
                    Complete(items, new PublishResult.Sent());
                }
            }
            catch (Exception exception)
            {
                // Whoever keeps the key, or a node that stops: those who wait hear it.
                Fail(items, position, exception);
            }
        }
    }

    private Waiting[] TakeOrdered()
    {
        var items = new List<Waiting>();
        var room = SignedBatch.RoomFor(capability);
        while (items.Count < SignedBatch.MaxCount && _ordered.TryPeek(out var next) && (room -= SignedBatch.LengthOf(next.Item)) >= 0)
        {
            items.Add(_ordered.Dequeue());
        }

        return [.. items];
    }

    private Waiting[] TakeLoose()
    {
        var items = new List<Waiting>();
        var room = SignedBatch.RoomFor(capability);
        while (items.Count < SignedBatch.MaxCount && _loose.First is { } next && (room -= SignedBatch.LengthOf(next.Value.Item)) >= 0)
        {
            var isAlone = next.Value.Item.Class > DeliveryClass.BestEffort;
            if (isAlone && items.Count > 0)
            {
                break;
            }

            items.Add(next.Value);
            _loose.RemoveFirst();
            if (isAlone)
            {
                break;
            }
        }

        return [.. items];
    }

    private void Complete(IReadOnlyCollection<Waiting> items, PublishResult result)
    {
        if (items.Count == 0)
        {
            return;
        }

        _places.Release(items.Count);
        port.Start(() =>
        {
            foreach (var waiting in items)
            {
                waiting.Ended.TrySetResult(result);
            }

            return Task.CompletedTask;
        });
    }

    private void Fail(Waiting[] items, GroupPosition position, Exception exception)
    {
        lock (_gate)
        {
            _published.Remove(position);
        }

        _places.Release(items.Length);
        foreach (var waiting in items)
        {
            waiting.Ended.TrySetException(exception is PastryException or OperationCanceledException ? new ScribeException($"The message to {group} was not sent: the node stops, or its key was not to be had.", exception) : exception);
        }
    }

    private sealed record Waiting(BatchItem Item, long Since)
    {
        public TaskCompletionSource<PublishResult> Ended { get; } = new();
    }
}
