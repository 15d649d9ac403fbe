using System.Threading.Channels;
using P2P.Pastry;
using P2P.Pastry.Transport;

namespace Pastry.Tests.Hosting;

/// <summary>A live node tells its applications what it could not send, and whom it can't reach.</summary>
public sealed class UnsentTests : IDisposable
{
    private readonly InMemoryNetwork _network = new();
    private readonly CancellationTokenSource _limit = new(TimeSpan.FromSeconds(60));

    private CancellationToken Limit => _limit.Token;

    public void Dispose() => _limit.Dispose();

    [Fact]
    public async Task Application_that_only_tries_again_hears_each_failure_and_holds_nobody_up()
    {
        var module = new Stubborn();
        await using var node = await PastryNode.StartAsync(new() { Transport = _network.CreateTransport, Modules = { module } }, Limit);
        var nobody = Nodes.At(new NodeId(5));
        await module.Port.SendAsync(nobody, "hello"u8.ToArray(), Limit);

        for (var i = 0; i < 500; i++)
        {
            var (to, text, status) = await module.NotSent.Reader.ReadAsync(Limit);
            Assert.Equal((nobody, "hello", SendStatus.Unreachable), (to, text, status));
        }

        Assert.Equal(nobody, await module.Down.Reader.ReadAsync(Limit));
        Assert.True((await node.GetStatusAsync(Limit)).IsReady);
    }

    [Fact]
    public void Batch_is_returned_once()
    {
        var batch = MessageBatch.Rent(16);
        batch.Return();
        Assert.Throws<InvalidOperationException>(batch.Return);
    }

    private sealed class Stubborn : IPastryModule
    {
        private Machine? _machine;

        public Channel<(NodeHandle To, string Text, SendStatus Status)> NotSent { get; } = Channel.CreateUnbounded<(NodeHandle, string, SendStatus)>();

        public Channel<NodeHandle> Down { get; } = Channel.CreateUnbounded<NodeHandle>();

        public INodePort Port { get; private set; } = null!;

        PastryApplication IPastryModule.Application => _machine ??= new Machine(this);

        public void Attach(INodePort port) => Port = port;

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;

        private sealed class Machine(Stubborn module) : PastryApplication(PastryApplicationId.FromName("tests/stubborn"))
        {
            protected internal override void Deliver(in RoutedMessage message, IOverlay overlay)
            {
            }

            protected internal override void PeerDown(NodeHandle peer, IOverlay overlay) => module.Down.Writer.TryWrite(peer);

            protected internal override void NotSent(NodeHandle to, in Payload payload, SendStatus status, IOverlay overlay)
            {
                module.NotSent.Writer.TryWrite((to, System.Text.Encoding.UTF8.GetString(payload.Span), status));
                overlay.Send(to, payload);
            }
        }
    }
}
