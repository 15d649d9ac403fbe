using System.Text;
using System.Threading.Channels;
using P2P.Pastry.Transport;

namespace P2P.Pastry.Tests.Transport;

/// <summary>Takes what arrives at a transport and lets a test wait for it.</summary>
internal sealed class Recorder : ITransportHandler
{
    private readonly Channel<Arrival> _messages = Channel.CreateUnbounded<Arrival>();
    private readonly Channel<(LocalNode Node, TransportStream Stream, PastryApplicationId Application)> _streams =
        Channel.CreateUnbounded<(LocalNode, TransportStream, PastryApplicationId)>();
    private readonly Channel<(NodeHandle Peer, PeerDownReason Reason)> _downs = Channel.CreateUnbounded<(NodeHandle, PeerDownReason)>();

    /// <summary>While it is not complete, messages are not taken.</summary>
    public Task Open { get; set; } = Task.CompletedTask;

    public async ValueTask ReceiveAsync(LocalNode node, MessageBatch batch, CancellationToken cancellationToken)
    {
        await Open.WaitAsync(cancellationToken);
        for (var i = 0; i < batch.Count; i++)
        {
            _messages.Writer.TryWrite(new Arrival(node, batch[i].From, batch[i].Bytes.ToArray()));
        }

        batch.Return();
    }

    public void AcceptStream(LocalNode node, TransportStream stream, PastryApplicationId application) => _streams.Writer.TryWrite((node, stream, application));

    public void PeerDown(NodeHandle peer, PeerDownReason reason) => _downs.Writer.TryWrite((peer, reason));

    public async Task<Arrival> NextAsync() => await Soon(_messages.Reader.ReadAsync());

    public async Task<(LocalNode Node, TransportStream Stream, PastryApplicationId Application)> NextStreamAsync() => await Soon(_streams.Reader.ReadAsync());

    public async Task<(NodeHandle Peer, PeerDownReason Reason)> NextDownAsync() => await Soon(_downs.Reader.ReadAsync());

    public bool HasDown => _downs.Reader.TryPeek(out _);

    private static Task<T> Soon<T>(ValueTask<T> task) => task.AsTask().WaitAsync(Patience.Long);
}

internal sealed record Arrival(LocalNode To, NodeHandle From, byte[] Bytes)
{
    public string Text => Encoding.UTF8.GetString(Bytes);
}

internal static class Patience
{
    /// <summary>After this long, what a test waits for does not come.</summary>
    public static readonly TimeSpan Long = TimeSpan.FromSeconds(60);
}
