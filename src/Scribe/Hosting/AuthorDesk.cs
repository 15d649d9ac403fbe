using System.Diagnostics;
using P2P.Pastry;
using P2P.Scribe.Protocol;
using P2P.Scribe.Wire;

namespace P2P.Scribe;

/// <summary>
/// Puts together and signs what a member publishes. While a few batches are under way, what is published meanwhile waits and makes the next one: so a single
/// message waits for nothing, and many cost one signature. An author that is faster than its group waits.
/// </summary>
/// <param name="port">The node.</param>
/// <param name="metrics">What is measured.</param>
/// <param name="known">Learns what was signed; null where nobody else is to know.</param>
/// <param name="certificate">The group's certificate.</param>
/// <param name="signer">The author.</param>
/// <param name="capability">What allows it to publish, where that is needed, until it is renewed.</param>
/// <param name="epoch">Which life of the author this is: later ones have greater numbers.</param>
/// <param name="newLife">Begins another one, behind an epoch; 0 where there is none behind it.</param>
/// <param name="messagesMax">How many messages may wait to be signed, sent or acknowledged.</param>
internal sealed class AuthorDesk(
    INodePort port, ScribeMetrics metrics, KnownBatches? known, GroupCertificate certificate, BatchSigner signer, GroupCapability? capability, uint epoch, Func<uint, uint> newLife, int messagesMax)
{
    /// <summary>How many batches of a kind may be under way: more would be smaller ones.</summary>
    private const int UnderWayMax = 4;

    /// <summary>How long who leaves waits to say so.</summary>
    private static readonly TimeSpan FarewellTime = TimeSpan.FromSeconds(1);

    /// <summary>The most messages of a batch: more than are allowed a second would be refused together.</summary>
    private readonly int _batchMax = Math.Min(SignedBatch.MaxCount, certificate.Policy.MessagesPerSecondMax);
    private readonly RateLimit _limit = RateLimit.OfAuthor(certificate.Policy);
    private readonly long _began = port.Time.GetTimestamp();
    private readonly Lock _gate = new();
    private readonly PublicationQueue _ordered = new();
    private readonly PublicationQueue _sequenced = new();
    private readonly PublicationQueue _bestEffort = new();
    private readonly PublicationQueue _presences = new();
    private readonly LinkedList<Publication> _outside = new();
    private readonly Dictionary<(bool IsOrdered, ulong Number), Publication[]> _underWay = [];
    private readonly SortedDictionary<ulong, Publication[]> _forgotten = [];
    private TokenBucket _bucket = new(RateLimit.OfAuthor(certificate.Policy), Instant.Zero);
    private uint _nextEpoch;
    private ulong _lastOrdered;
    private ulong _lastLoose;
    private int _orderedUnderWay;
    private int _inside;
    private int _turn;
    private bool _isSigning;
    private bool _hasEnded;

    public NodeId Author => signer.PublicKey.NodeId;

    private bool IsInvited =>
        certificate.Lets(signer.PublicKey, GroupRights.Publish, capability)
        && (certificate.Lets(signer.PublicKey, GroupRights.Publish, capability: null) || capability!.ExpiresAt >= port.Time.GetUtcNow());

    private Instant Now => new(port.Time.GetElapsedTime(_began).Ticks);

    public async ValueTask<PublishResult> PublishAsync(ReadOnlyMemory<byte> content, DeliveryClass deliveryClass, ulong key, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        using var span = ScribeTelemetry.Source.StartActivity(ScribeTelemetry.Prefix + "publish", ActivityKind.Producer);
        span?.SetTag(ScribeTelemetry.Prefix + "class", deliveryClass.ToString());
        var publication = new Publication(new BatchItem(deliveryClass, key, content), port.Time.GetTimestamp());
        lock (_gate)
        {
            if (_hasEnded)
            {
                throw new ScribeException($"The membership in {certificate.Id} has ended: join again to publish.");
            }

            if (_inside < messagesMax)
            {
                LetIn(publication);
                SignIfIdle();
            }
            else
            {
                _outside.AddLast(publication);
            }
        }

        try
        {
            var result = await publication.Ended.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
            span?.SetTag(ScribeTelemetry.Prefix + "outcome", result.GetType().Name);
            return result;
        }
        catch (OperationCanceledException)
        {
            TakeBack(publication);
            throw;
        }
    }

    /// <summary>Tells who waits what became of a batch.</summary>
    public void OnEnded(PublicationEnded ended)
    {
        if (ended.Outcome == PublicationOutcome.Forgotten && SaysAgain(ended))
        {
            return;
        }

        PublishResult result = ended.Outcome switch
        {
            PublicationOutcome.Taken when !ended.IsOrdered => new PublishResult.Sent(),
            PublicationOutcome.Taken => new PublishResult.Published(ended.Position == default ? null : ended.Position),
            PublicationOutcome.Denied or PublicationOutcome.Forgotten => new PublishResult.Denied(),
            PublicationOutcome.TooMany => new PublishResult.TooMany(),
            PublicationOutcome.NotFound => new PublishResult.NotFound(),
            _ => new PublishResult.Indeterminate(),
        };
        var batch = Remove(ended.IsOrdered, ended.AuthorPosition.Number);
        if (ended.IsOrdered)
        {
            foreach (var publication in batch)
            {
                metrics.PublishDuration.Record(port.Time.GetElapsedTime(publication.Since).TotalSeconds);
            }
        }

        Complete(batch, result);
    }

    /// <summary>Shows another capability from now on.</summary>
    public void Renew(GroupCapability shown)
    {
        lock (_gate)
        {
            capability = shown;
        }
    }

    /// <summary>Says that the author is in the group; where too much waits already, not this time.</summary>
    public void SayPresent()
    {
        lock (_gate)
        {
            if (!_hasEnded && _inside < messagesMax)
            {
                LetIn(new Publication(new BatchItem(SystemClass.Presence, Key: 0, default), port.Time.GetTimestamp()));
                SignIfIdle();
            }
        }
    }

    /// <summary>Ends the membership, and says so first where members are shown.</summary>
    public async ValueTask EndAsync(bool saysSo)
    {
        try
        {
            if (saysSo)
            {
                await PublishAsync(default, SystemClass.Presence, key: 1, port.Stopping).AsTask().WaitAsync(FarewellTime, port.Time, port.Stopping).ConfigureAwait(false);
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or TimeoutException or PastryException or ScribeException)
        {
            // Others find out by themselves.
        }

        End();
    }

    /// <summary>The membership has ended: nobody hears any more what became of what was published.</summary>
    public void End()
    {
        Publication[] all;
        lock (_gate)
        {
            _hasEnded = true;
            all = [.. _ordered.TakeAll(), .. _sequenced.TakeAll(), .. _bestEffort.TakeAll(), .. _presences.TakeAll(), .. _underWay.Values.SelectMany(batch => batch), .. _forgotten.Values.SelectMany(batch => batch), .. _outside];
            _underWay.Clear();
            _forgotten.Clear();
            _outside.Clear();
        }

        Complete(all, new PublishResult.Indeterminate());
    }

    private void LetIn(Publication publication)
    {
        _inside++;
        if (QueueOf(publication).Add(publication) is { } replaced)
        {
            // A newer value takes the place of one that still waits.
            _inside--;
            Complete([replaced], new PublishResult.Sent());
        }
    }

    private PublicationQueue QueueOf(Publication publication) => publication.Item.Class switch
    {
        DeliveryClass.Ordered => _ordered,
        DeliveryClass.Sequenced => _sequenced,
        DeliveryClass.BestEffort => _bestEffort,
        _ => _presences,
    };

    private void TakeBack(Publication publication)
    {
        lock (_gate)
        {
            if (!_outside.Remove(publication) && QueueOf(publication).Remove(publication))
            {
                _inside--;
                LetOthersIn();
            }
        }
    }

    private void LetOthersIn()
    {
        while (_inside < messagesMax && _outside.First is { Value: var next })
        {
            _outside.RemoveFirst();
            LetIn(next);
        }

        SignIfIdle();
    }

    private void SignIfIdle()
    {
        if (!_isSigning && NextQueue() is not null)
        {
            _isSigning = true;
            port.Start(SignAllAsync);
        }
    }

    /// <summary>Finds a queue whose messages may be signed now, each in turn.</summary>
    private PublicationQueue? NextQueue()
    {
        for (var i = 0; i < 4; i++)
        {
            var queue = ((_turn + i) % 4) switch { 0 => _ordered, 1 => _sequenced, 2 => _bestEffort, _ => _presences };
            var underWay = queue == _ordered ? _orderedUnderWay : _underWay.Count - _orderedUnderWay;
            if (!queue.IsEmpty && underWay < UnderWayMax && (queue != _ordered || _forgotten.Count == 0))
            {
                return queue;
            }
        }

        return null;
    }

    private async Task SignAllAsync()
    {
        while (true)
        {
            Publication[] items;
            GroupPosition position;
            GroupCapability? shown;
            bool isOrdered;
            lock (_gate)
            {
                if (NextQueue() is not { } queue)
                {
                    _isSigning = false;
                    return;
                }

                _turn++;
                isOrdered = queue == _ordered;
                shown = capability;
                items = queue.TakeBatch(queue == _presences ? 1 : _batchMax, SignedBatch.RoomFor(shown));
                if (queue != _presences && RefusalOf(items.Length) is { } refusal)
                {
                    _inside -= items.Length;
                    Complete(items, refusal);
                    LetOthersIn();
                    continue;
                }

                position = new GroupPosition(epoch, isOrdered ? ++_lastOrdered : ++_lastLoose);
                _underWay.Add((isOrdered, position.Number), items);
                _orderedUnderWay += isOrdered ? 1 : 0;
            }

            try
            {
                var batch = await SignedBatch.CreateAsync(certificate.Id, signer.PublicKey, isOrdered, position, Array.ConvertAll(items, item => item.Item), shown, signer.SignAsync).ConfigureAwait(false);
                known?.Add(batch);
                await port.PostAsync(new PublishBatch(batch), port.Stopping).ConfigureAwait(false);
            }
            catch (Exception exception)
            {
                // Whoever keeps the key, or a node that stops: those who wait hear it.
                Fail(Remove(isOrdered, position.Number), exception);
            }
        }
    }

    /// <summary>
    /// Where messages crawl, no rendezvous point refuses what is too much or not allowed. It is refused before it has a number: who lacks one would ask for it.
    /// </summary>
    private PublishResult? RefusalOf(int count) =>
        certificate.Policy.Dissemination != Dissemination.Crawling ? null
        : !IsInvited ? new PublishResult.Denied()
        : !_bucket.TryTake(count, _limit, Now) ? new PublishResult.TooMany()
        : null;

    private Publication[] Remove(bool isOrdered, ulong number)
    {
        lock (_gate)
        {
            if (!_underWay.Remove((isOrdered, number), out var batch))
            {
                return [];
            }

            _orderedUnderWay -= isOrdered ? 1 : 0;
            _inside -= batch.Length;
            BeginAgainIfQuiet();
            LetOthersIn();
            return batch;
        }
    }

    /// <summary>
    /// The rendezvous point does not know any more how far this life of the author had come: what it has not taken is signed anew in another one, in its order, as soon as it is known what became of all that is
    /// under way.
    /// </summary>
    private bool SaysAgain(PublicationEnded ended)
    {
        lock (_gate)
        {
            if (ended.AuthorPosition.Epoch != epoch || newLife(ended.Position.Epoch) is not (> 0 and var next) || !_underWay.Remove((true, ended.AuthorPosition.Number), out var batch))
            {
                return false;
            }

            _orderedUnderWay--;
            _nextEpoch = next;
            _forgotten.Add(ended.AuthorPosition.Number, batch);
            BeginAgainIfQuiet();
            SignIfIdle();
            return true;
        }
    }

    private void BeginAgainIfQuiet()
    {
        if (_forgotten.Count > 0 && _orderedUnderWay == 0)
        {
            (epoch, _lastOrdered) = (_nextEpoch, 0);
            _ordered.AddFirst(_forgotten.Values.SelectMany(batch => batch));
            _forgotten.Clear();
        }
    }

    private void Complete(Publication[] publications, PublishResult result)
    {
        if (publications.Length > 0)
        {
            port.Start(() =>
            {
                foreach (var publication in publications)
                {
                    publication.Ended.TrySetResult(result);
                }

                return Task.CompletedTask;
            });
        }
    }

    private void Fail(Publication[] publications, Exception exception)
    {
        foreach (var publication in publications)
        {
            publication.Ended.TrySetException(exception is PastryException or OperationCanceledException ? new ScribeException($"The message to {certificate.Id} was not sent: the node stops, or its key was not to be had.", exception) : exception);
        }
    }
}
