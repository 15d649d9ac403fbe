using System.Buffers;
using System.IO.Pipelines;
using P2P.Past.Protocol;
using P2P.Past.Wire;
using P2P.Pastry.Transport;

namespace P2P.Past;

/// <summary>
/// Passes content on that this node does not keep, from a source that only this node may turn to, to the neighbour that keeps it in this node's stead.
/// The bytes go through as they come: who asked for them verifies them.
/// </summary>
internal sealed class ContentRelay(PastPort port, TimeSpan stallTimeout, KeepReplica replica)
{
    /// <summary>Gives an answer as a holder does.</summary>
    /// <param name="request">What is asked for, within the content.</param>
    /// <param name="output">Takes the answer.</param>
    /// <param name="patience">How long the other end may take for a part of it.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>False where the source gives nothing, or not all; the output is then of no more use.</returns>
    public async ValueTask<bool> TryPassAsync(FetchRequest request, PipeWriter output, Patience patience, CancellationToken cancellationToken)
    {
        if (replica.Sources is not [var source, ..] || source.Id == port.Self.Id)
        {
            return false;
        }

        using var sourcePatience = new Patience(stallTimeout, port.Time, cancellationToken);
        var stream = await port.OpenStreamAsync(source, sourcePatience.Token).ConfigureAwait(false);
        await using (stream.ConfigureAwait(false))
        {
            await FetchRequest.WriteAsync(stream.Output, request, sourcePatience.Token).ConfigureAwait(false);
            await stream.Output.CompleteAsync().ConfigureAwait(false);
            sourcePatience.Renew();
            if (!await FetchRequest.ReadAnswerAsync(stream.Input, sourcePatience).ConfigureAwait(false))
            {
                return false;
            }

            output.GetSpan(1)[0] = FetchRequest.Found;
            output.Advance(1);
            return await CopyAsync(stream, LengthOf(request.Leaves), output, sourcePatience, patience).ConfigureAwait(false);
        }
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
