using System.Collections.Concurrent;
using System.IO.Pipelines;
using P2P.Past.Wire;
using P2P.Pastry.Transport;

namespace P2P.Past;

/// <summary>
/// Gives content to who asks for it over a stream: replicas of this node and its cached copies, and the content of inserts that are under way. Who asks for a
/// replica that is just being stored waits for it. A stream whose other end neither writes what it must nor reads is cut after a while.
/// </summary>
internal sealed class ReplicaServer(IReplicaStore store, TimeProvider time, TimeSpan stallTimeout, Action<FileId> reportDamaged, IReplicaStore? copies = null)
{
    private static readonly TimeSpan WaitInterval = TimeSpan.FromSeconds(5);

    private readonly ConcurrentDictionary<FileId, SourceContent> _offered = new();
    private readonly ConcurrentDictionary<FileId, Task> _arriving = new();
    private readonly ConcurrentDictionary<FileId, (ContentRelay Relay, ContentLayout Layout)> _relayed = new();

    /// <summary>Offers the content of an insert until it is taken back.</summary>
    public void Offer(SourceContent content) => _offered[content.Certificate.FileId] = content;

    /// <summary>Gives the content of an insert that is under way at this very node.</summary>
    public SourceContent? FindOffered(FileId fileId) => _offered.GetValueOrDefault(fileId);

    public void TakeBack(SourceContent content) => _offered.TryRemove(new KeyValuePair<FileId, SourceContent>(content.Certificate.FileId, content));

    /// <summary>Passes content on that is kept elsewhere, until that ends.</summary>
    public void Relay(FileCertificate certificate, ContentRelay relay) => _relayed[certificate.FileId] = (relay, certificate.Layout);

    public void EndRelay(FileId fileId) => _relayed.TryRemove(fileId, out _);

    /// <summary>Lets those who ask for a replica wait until it is stored.</summary>
    /// <param name="fileId">The file.</param>
    /// <param name="stored">Ends when it is stored or has failed.</param>
    public void Announce(FileId fileId, Task stored)
    {
        _arriving[fileId] = stored;
        _ = stored.ContinueWith(_ => _arriving.TryRemove(fileId, out Task? _), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
    }

    public async Task ServeAsync(TransportStream stream, CancellationToken cancellationToken)
    {
        await using (stream.ConfigureAwait(false))
        {
            try
            {
                await AnswerAsync(stream, cancellationToken).ConfigureAwait(false);
            }
            catch (ReplicaCorruptException exception)
            {
                reportDamaged(exception.FileId);
            }
            catch (Exception exception) when (exception is IOException or OperationCanceledException or PastException or Pastry.PastryException)
            {
                // The other end went away, or asked for what is not there: it will ask elsewhere.
            }
        }
    }

    private async Task AnswerAsync(TransportStream stream, CancellationToken cancellationToken)
    {
        using var patience = new Patience(stallTimeout, time, cancellationToken);
        if (await FetchRequest.ReadAsync(stream.Input, patience.Token).ConfigureAwait(false) is not { } request)
        {
            return;
        }

        if (_relayed.TryGetValue(request.FileId, out var relayed) && !_offered.ContainsKey(request.FileId) && !store.Contains(request.FileId))
        {
            patience.Rest();
            if (relayed.Layout.Contains(request.Leaves)
                && await relayed.Relay.TryPassAsync(request, stream.Output, patience, cancellationToken).ConfigureAwait(false))
            {
                await AwaitEndAsync(stream, patience).ConfigureAwait(false);
            }

            return;
        }

        var content = await OpenAsync(request.FileId, stream.Output, patience, cancellationToken).ConfigureAwait(false);
        if (content is null)
        {
            await WriteAsync(stream.Output, FetchRequest.Absent, patience).ConfigureAwait(false);
            return;
        }

        await using (content.ConfigureAwait(false))
        {
            if (!content.Certificate.Layout.Contains(request.Leaves))
            {
                return;
            }

            // It goes with the first leaf.
            Put(stream.Output, FetchRequest.Found);
            await VerifiedContentWriter.WriteAsync(stream.Output, content, request.Leaves, patience, cancellationToken).ConfigureAwait(false);
            await AwaitEndAsync(stream, patience).ConfigureAwait(false);
        }
    }

    /// <summary>Lets the reader close once it has everything: closing first could cut the last bytes off.</summary>
    private static async ValueTask AwaitEndAsync(TransportStream stream, Patience patience)
    {
        await stream.Output.CompleteAsync().ConfigureAwait(false);
        patience.Renew();
        await stream.Input.ReadAsync(patience.Token).ConfigureAwait(false);
    }

    private async ValueTask<IVerifiedContent?> OpenAsync(FileId fileId, PipeWriter output, Patience patience, CancellationToken cancellationToken)
    {
        patience.Rest();
        if (await store.OpenReadAsync(fileId, cancellationToken).ConfigureAwait(false) is { } replica)
        {
            return replica;
        }

        if (copies is not null && await copies.OpenReadAsync(fileId, cancellationToken).ConfigureAwait(false) is { } copy)
        {
            return copy;
        }

        if (_offered.TryGetValue(fileId, out var offered))
        {
            return new Borrowed(offered);
        }

        while (_arriving.TryGetValue(fileId, out var stored))
        {
            await WriteAsync(output, FetchRequest.Wait, patience).ConfigureAwait(false);
            try
            {
                await stored.WaitAsync(WaitInterval, time, cancellationToken).ConfigureAwait(false);
                break;
            }
            catch (TimeoutException)
            {
                // Still arriving: say so again.
            }
        }

        return await store.OpenReadAsync(fileId, cancellationToken).ConfigureAwait(false);
    }

    private static async ValueTask WriteAsync(PipeWriter output, byte answer, Patience patience)
    {
        patience.Renew();
        Put(output, answer);
        await output.FlushAsync(patience.Token).ConfigureAwait(false);
        patience.Rest();
    }

    private static void Put(PipeWriter output, byte answer)
    {
        output.GetSpan(1)[0] = answer;
        output.Advance(1);
    }

    /// <summary>Is the content of an insert under way, which belongs to the insert.</summary>
    private sealed class Borrowed(IVerifiedContent content) : IVerifiedContent
    {
        public FileCertificate Certificate => content.Certificate;

        public ReadOnlyMemory<Hash256> SegmentRoots => content.SegmentRoots;

        public ValueTask<ReadOnlyMemory<Hash256>> ReadLeafHashesAsync(int segment, CancellationToken cancellationToken = default) =>
            content.ReadLeafHashesAsync(segment, cancellationToken);

        public ValueTask ReadLeafAsync(int leaf, Memory<byte> destination, CancellationToken cancellationToken = default) =>
            content.ReadLeafAsync(leaf, destination, cancellationToken);

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
