using System.Buffers;
using System.IO.Pipelines;
using P2P.Past.Protocol;
using P2P.Past.Wire;
using P2P.Pastry;
using P2P.Pastry.Transport;

namespace P2P.Past;

/// <summary>
/// Passes content on that this node does not keep, from the first source that gives it, to the neighbour that keeps it in this node's stead: a source
/// that only this node may turn to, or one that turns out to have no more than a pointer itself. The bytes go through as they come: who asked for them
/// verifies them.
/// </summary>
internal sealed class ContentRelay(PastPort port, TimeSpan stallTimeout, KeepReplica replica)
{
    private static readonly TimeSpan WaitInterval = TimeSpan.FromSeconds(5);

    /// <summary>Gives an answer as a holder does.</summary>
    /// <param name="request">What is asked for, within the content.</param>
    /// <param name="output">Takes the answer.</param>
    /// <param name="patience">How long the other end may take for a part of it.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>False where no source gives anything, or one not all; the output is then of no more use.</returns>
    public async ValueTask<bool> TryPassAsync(FetchRequest request, PipeWriter output, Patience patience, CancellationToken cancellationToken)
    {
        foreach (var source in replica.Sources)
        {
            if (source.Id == port.Self.Id || await AskAsync(source, request, output, patience, cancellationToken).ConfigureAwait(false) is not { } stream)
            {
                continue;
            }

            await using (stream.ConfigureAwait(false))
            {
                using var sourcePatience = new Patience(stallTimeout, port.Time, cancellationToken);
                Put(output, FetchRequest.Found);
                return await CopyAsync(stream, LengthOf(request.Leaves), output, sourcePatience, patience).ConfigureAwait(false);
            }
        }

        return false;
    }

    /// <summary>Asks a source, and tells who waits for this node's answer that it is still looking for one.</summary>
    /// <returns>The stream on which the content follows; null where the source has nothing to give.</returns>
    private async ValueTask<TransportStream?> AskAsync(NodeHandle source, FetchRequest request, PipeWriter output, Patience patience, CancellationToken cancellationToken)
    {
        using var givenUp = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var asking = TryOpenAsync(source, request, givenUp.Token);
        try
        {
            while (true)
            {
                try
                {
                    return await asking.WaitAsync(WaitInterval, port.Time, cancellationToken).ConfigureAwait(false);
                }
                catch (TimeoutException)
                {
                    patience.Renew();
                    Put(output, FetchRequest.Wait);
                    await output.FlushAsync(patience.Token).ConfigureAwait(false);
                    patience.Rest();
                }
            }
        }
        catch
        {
            givenUp.Cancel();
            if (await asking.ConfigureAwait(false) is { } stream)
            {
                await stream.DisposeAsync().ConfigureAwait(false);
            }

            throw;
        }
    }

    private async Task<TransportStream?> TryOpenAsync(NodeHandle source, FetchRequest request, CancellationToken cancellationToken)
    {
        using var patience = new Patience(stallTimeout, port.Time, cancellationToken);
        TransportStream? stream = null;
        var isFound = false;
        try
        {
            stream = await port.OpenStreamAsync(source, patience.Token).ConfigureAwait(false);
            await FetchRequest.WriteAsync(stream.Output, request, patience.Token).ConfigureAwait(false);
            await stream.Output.CompleteAsync().ConfigureAwait(false);
            patience.Renew();
            isFound = await FetchRequest.ReadAnswerAsync(stream.Input, patience).ConfigureAwait(false);
            return isFound ? stream : null;
        }
        catch (Exception exception) when (exception is PastException or PastryException or IOException or TimeoutException or OperationCanceledException)
        {
            return null;
        }
        finally
        {
            if (stream is not null && !isFound)
            {
                await stream.DisposeAsync().ConfigureAwait(false);
            }
        }
    }

    private static void Put(PipeWriter output, byte answer)
    {
        output.GetSpan(1)[0] = answer;
        output.Advance(1);
    }

    private static async ValueTask<bool> CopyAsync(TransportStream from, long length, PipeWriter output, Patience sourcePatience, Patience patience)
    {
        while (length > 0)
        {
            sourcePatience.Renew();
            var read = await from.Input.ReadAsync(sourcePatience.Token).ConfigureAwait(false);
            sourcePatience.Rest();
            var bytes = read.Buffer.Slice(0, Math.Min(read.Buffer.Length, length));
            if (bytes.IsEmpty && read.IsCompleted)
            {
                return false;
            }

            length -= bytes.Length;
            foreach (var part in bytes)
            {
                output.Write(part.Span);
            }

            from.Input.AdvanceTo(bytes.End);
            patience.Renew();
            var flushed = await output.FlushAsync(patience.Token).ConfigureAwait(false);
            patience.Rest();
            if (flushed.IsCompleted)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Gives how many bytes follow the answer.</summary>
    private long LengthOf(LeafRange leaves)
    {
        var layout = replica.Certificate.Layout;
        var length = 0L;
        for (var leaf = leaves.First; leaf < leaves.End;)
        {
            var header = ContentSegmentHeader.For(layout, new LeafRange(leaf, leaves.End - leaf));
            length += header.Length;
            for (; leaf < header.Leaves.End; leaf++)
            {
                length += layout.LengthOf(leaf);
            }
        }

        return length;
    }
}
