using System.Runtime.CompilerServices;
using P2P.Past.Wire;
using P2P.Pastry;
using P2P.Pastry.Transport;

namespace P2P.Past;

/// <summary>
/// Fetches the leaves of one file over streams, from the first source that gives them; where one fails in the middle, the next goes on
/// from the leaf where it stopped.
/// </summary>
/// <param name="port">The node.</param>
/// <param name="stallTimeout">How long a source may give nothing.</param>
/// <param name="certificate">The file.</param>
/// <param name="sources">Who holds it.</param>
/// <param name="own">Reads this node's own replica, where the node may be among the sources.</param>
/// <param name="search">Finds others, once all sources have failed.</param>
internal sealed class ContentFetcher(
    PastPort port,
    TimeSpan stallTimeout,
    FileCertificate certificate,
    IReadOnlyList<NodeHandle> sources,
    ReplicaReader? own = null,
    HolderSearch? search = null)
{
    /// <summary>How often others are searched for: liars may name liars.</summary>
    private const int SearchesMax = 4;

    /// <summary>How often a holder may say that it is still storing the file, which it does every five seconds: then the next one is asked.</summary>
    private const int WaitsMax = 12;

    /// <summary>Gives the leaves from one to the end of the content. A leaf's bytes stay until the next one is asked for.</summary>
    /// <exception cref="PastException">No source gives the rest of the content.</exception>
    public async IAsyncEnumerable<ContentLeaf> FetchAsync(int firstLeaf, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var next = firstLeaf;
        if (next == certificate.Layout.LeafCount)
        {
            yield break;
        }

        var failures = new List<string>();
        await foreach (var source in SourcesAsync(cancellationToken).ConfigureAwait(false))
        {
            var leaves = (source.Id == port.Self.Id ? ReadOwnAsync(next, cancellationToken) : FetchFromAsync(source, next, cancellationToken))
                .GetAsyncEnumerator(cancellationToken);
            await using (leaves.ConfigureAwait(false))
            {
                while (await MoveNextAsync(leaves, source, failures).ConfigureAwait(false))
                {
                    yield return leaves.Current;
                    next = leaves.Current.Index + 1;
                }
            }

            if (next == certificate.Layout.LeafCount)
            {
                yield break;
            }
        }

        throw new PastException(
            $"No holder gives the content of {certificate.FileId} from leaf {next} on: {(failures.Count == 0 ? "none is known" : string.Join("; ", failures))}.");
    }

    /// <summary>Gives the sources that are known, and when all of these have failed, those that can be found.</summary>
    private async IAsyncEnumerable<NodeHandle> SourcesAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (var source in sources)
        {
            if (own is not null || source.Id != port.Self.Id)
            {
                yield return source;
            }
        }

        if (search is null)
        {
            yield break;
        }

        var failed = sources.Select(source => source.Id).ToHashSet();
        for (var round = 0; round < SearchesMax; round++)
        {
            var isNew = false;
            foreach (var source in await search.FindAsync(certificate.FileId, [.. failed], cancellationToken).ConfigureAwait(false))
            {
                if (failed.Add(source.Id))
                {
                    isNew = true;
                    yield return source;
                }
            }

            if (!isNew)
            {
                yield break;
            }
        }
    }

    private async ValueTask<bool> MoveNextAsync(IAsyncEnumerator<ContentLeaf> leaves, NodeHandle source, List<string> failures)
    {
        try
        {
            return await leaves.MoveNextAsync().ConfigureAwait(false);
        }
        catch (ReplicaCorruptException exception) when (own is not null)
        {
            await own.QuarantineAsync(exception.FileId).ConfigureAwait(false);
            failures.Add($"{source}: {exception.Message}");
            return false;
        }
        catch (Exception exception) when (exception is PastException or PastryException or IOException or TimeoutException)
        {
            failures.Add($"{source}: {exception.Message}");
            return false;
        }
    }

    private async IAsyncEnumerable<ContentLeaf> ReadOwnAsync(int firstLeaf, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var replica = await own!.TryOpenAsync(certificate.FileId).ConfigureAwait(false) ?? throw new PastException("does not hold the file any more");
        await using (replica.ConfigureAwait(false))
        {
            if (!replica.Certificate.Equals(certificate))
            {
                throw new PastException("holds another file of this id");
            }

            await foreach (var leaf in LocalLeaves.ReadAsync(replica, firstLeaf, cancellationToken).ConfigureAwait(false))
            {
                yield return leaf;
            }
        }
    }

    private async IAsyncEnumerable<ContentLeaf> FetchFromAsync(NodeHandle source, int firstLeaf, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var patience = new Patience(stallTimeout, port.Time, cancellationToken);
        TransportStream stream;
        try
        {
            stream = await port.OpenStreamAsync(source, patience.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (patience.IsOver)
        {
            throw new TimeoutException("the stream could not be opened in time");
        }

        await using (stream.ConfigureAwait(false))
        {
            var wanted = new LeafRange(firstLeaf, certificate.Layout.LeafCount - firstLeaf);
            await FetchRequest.WriteAsync(stream.Output, new FetchRequest(certificate.FileId, wanted), patience.Token).ConfigureAwait(false);

            // Nothing follows: a stream that ends well on both sides leaves its connection to the next.
            await stream.Output.CompleteAsync().ConfigureAwait(false);
            using var reader = new VerifiedContentReader(stream.Input, certificate, wanted);
            var isFirst = true;
            while (true)
            {
                ContentLeaf? leaf;
                try
                {
                    patience.Renew();
                    if (isFirst && !await FetchRequest.ReadAnswerAsync(stream.Input, patience, WaitsMax).ConfigureAwait(false))
                    {
                        throw new PastException("does not hold the file");
                    }

                    isFirst = false;
                    leaf = await reader.ReadAsync(patience.Token).ConfigureAwait(false);
                }
                catch (OperationCanceledException) when (patience.IsOver)
                {
                    throw new TimeoutException("gave nothing for too long");
                }

                if (leaf is not { } content)
                {
                    yield break;
                }

                // How long the consumer takes with the leaf is not the source's fault.
                patience.Rest();
                yield return content;
            }
        }
    }
}
