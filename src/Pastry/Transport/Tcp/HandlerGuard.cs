using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;

namespace P2P.Pastry.Transport.Tcp;

/// <summary>Calls the handler, so that what it throws ends nothing but the call.</summary>
internal sealed class HandlerGuard(ITransportHandler handler, ILogger logger, CancellationToken closing)
{
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    public async ValueTask ReceiveAsync(LocalNode node, MessageBatch batch)
    {
        try
        {
            await handler.ReceiveAsync(node, batch, closing).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (closing.IsCancellationRequested)
        {
            // The handler gave up because the transport is closing.
        }
        catch (Exception exception)
        {
            logger.HandlerFailed(exception, nameof(ITransportHandler.ReceiveAsync));
        }
    }

    /// <summary>Offers a stream; false if the handler didn't take it.</summary>
    public bool AcceptStream(LocalNode node, TransportStream stream, PastryApplicationId application)
    {
        try
        {
            handler.AcceptStream(node, stream, application);
            return true;
        }
        catch (Exception exception)
        {
            logger.HandlerFailed(exception, nameof(ITransportHandler.AcceptStream));
            return false;
        }
    }

    public void PeerDown(NodeHandle peer, PeerDownReason reason)
    {
        try
        {
            logger.PeerDown(peer, reason);
            handler.PeerDown(peer, reason);
        }
        catch (Exception exception)
        {
            logger.HandlerFailed(exception, nameof(ITransportHandler.PeerDown));
        }
    }
}
