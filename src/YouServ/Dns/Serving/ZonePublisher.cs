using System.Threading.Channels;

namespace P2P.YouServ.Dns;

/// <summary>
/// Writes to a zone: one call after the other, but what comes while one is made durable shares the next flush of the disk. A call is done when what it changes is
/// durable and seen.
/// </summary>
internal sealed class ZonePublisher : IAsyncDisposable
{
    /// <summary>More calls than this wait before they are taken.</summary>
    private const int WaitingMax = 1024;

    private const int TogetherMax = 256;

    private readonly Channel<Publication> _waiting = Channel.CreateBounded<Publication>(new BoundedChannelOptions(WaitingMax) { SingleReader = true });
    private readonly Zone _zone;
    private readonly IZoneStore _store;
    private readonly Task _running;
    private uint _serial;

    public ZonePublisher(Zone zone, IZoneStore store, uint serial)
    {
        (_zone, _store, _serial) = (zone, store, serial);
        _running = Task.Run(RunAsync);
    }

    /// <summary>The number of the zone's version (RFC 1982: it goes on at 0 behind the highest).</summary>
    public uint Serial => Volatile.Read(ref _serial);

    public async ValueTask PublishAsync(IReadOnlyList<ZoneChange> changes, CancellationToken cancellationToken)
    {
        var publication = new Publication(changes, cancellationToken);
        try
        {
            await _waiting.Writer.WriteAsync(publication, cancellationToken).ConfigureAwait(false);
        }
        catch (ChannelClosedException)
        {
            throw new ObjectDisposedException(nameof(DnsServer));
        }

        await publication.Outcome.Task.ConfigureAwait(false);
    }

    /// <summary>Takes no more calls, and waits for those that were taken.</summary>
    public async ValueTask DisposeAsync()
    {
        _waiting.Writer.TryComplete();
        await _running.ConfigureAwait(false);
        _store.Dispose();
    }

    private async Task RunAsync()
    {
        var together = new List<Publication>();
        while (await _waiting.Reader.WaitToReadAsync().ConfigureAwait(false))
        {
            while (together.Count < TogetherMax && _waiting.Reader.TryRead(out var publication))
            {
                together.Add(publication);
            }

            Commit(together);
            together.Clear();
        }
    }

    private void Commit(List<Publication> together)
    {
        var draft = new ZoneDraft(_zone);
        foreach (var publication in together)
        {
            publication.AddTo(draft);
        }

        try
        {
            if (draft.Changes.Count > 0)
            {
                var serial = unchecked(_serial + 1);
                _store.Write(draft.Changes, serial);
                draft.Apply(serial);
                Volatile.Write(ref _serial, serial);
            }
        }
        catch (Exception exception)
        {
            together.ForEach(publication => publication.Outcome.TrySetException(exception));
        }

        together.ForEach(publication => publication.Outcome.TrySetResult());
    }

    /// <summary>Is a call that waits. Whoever continues behind it must not hold up the next ones.</summary>
    private sealed class Publication(IReadOnlyList<ZoneChange> changes, CancellationToken cancellationToken)
    {
        public TaskCompletionSource Outcome { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public void AddTo(ZoneDraft draft)
        {
            if (cancellationToken.IsCancellationRequested)
            {
                Outcome.SetCanceled(cancellationToken);
                return;
            }

            try
            {
                draft.Add(changes);
            }
            catch (YouServException exception)
            {
                Outcome.SetException(exception);
            }
        }
    }
}
