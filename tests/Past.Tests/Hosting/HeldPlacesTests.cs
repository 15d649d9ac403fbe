using P2P.Past;
using P2P.Past.Wire;
using P2P.Pastry;
using P2P.Pastry.Transport;

namespace Past.Tests.Hosting;

/// <summary>Nodes over TCP of which some ask for many files to be fetched, and give nothing.</summary>
public sealed class HeldPlacesTests
{
    private const int PlacesOfPeer = 4;
    private const int Honest = 3;

    [Fact]
    public async Task Peers_that_hold_all_the_places_they_get_leave_others_theirs_and_all_the_room()
    {
        await using var ring = await LoopbackRing.StartAsync(Honest);
        using var owner = SigningKey.Create();
        using var limit = new CancellationTokenSource(LoopbackRing.Patience);
        var hostile = new List<(PastryNode Node, StallingModule Module)>();
        for (var i = 0; i < 2; i++)
        {
            var module = new StallingModule(Honest * PlacesOfPeer);
            var node = await PastryNode.StartAsync(new PastryNodeOptions
            {
                Identity = new NodeIdentity(SigningKey.Create(), 1),
                Protocol = LoopbackRing.Protocol,
                Modules = { module },
                Bootstraps = { ring.Members[0].Node.Handle.Address },
                Transport = () => new TcpTransport(new TcpTransportOptions { Listen = [new NodeAddress("127.0.0.1", 0)] }),
            });
            hostile.Add((node, module));
            await node.WhenReadyAsync(limit.Token);
        }

        // All of them are told of each other before anybody asks.
        await Task.WhenAll(ring.Members.Select(member => WhenNeighborsAsync(member.Node, Honest + 1, limit.Token)));
        var large = ContentTree.Compute(new byte[100_000]);
        foreach (var (node, module) in hostile)
        {
            foreach (var member in ring.Members)
            {
                for (var i = 0; i < 20; i++)
                {
                    var certificate = FileCertificate.Create($"held {i} by {node.Handle.Id} at {member.Node.Handle.Id}", owner, large, 4, [1], TestFiles.Created);
                    await module.SayAsync(member.Node.Handle, new StoreRequest(5, node.Handle, certificate, null));
                }
            }
        }

        foreach (var (_, module) in hostile)
        {
            await module.AllHeld.WaitAsync(limit.Token);
        }

        Assert.All(ring.Members, member => Assert.InRange(member.Past.Replicas.Usage.UsedBytes, 0, 2 * PlacesOfPeer * 1024));
        using var user = SigningKey.Create();
        HashSet<NodeId> honest = [.. ring.Members.Select(member => member.Node.Handle.Id)];
        foreach (var length in (int[])[10, 100_000])
        {
            var content = TestFiles.Content(length);
            var certificate = Enumerable.Range(0, 10_000)
                .Select(i => FileCertificate.Create($"{length} {i}", user, ContentTree.Compute(content), 2, [2], TestFiles.Created))
                .First(certificate => honest.Concat(hostile.Select(one => one.Node.Handle.Id))
                    .OrderBy(id => id.DistanceTo(certificate.FileId.RoutingKey)).Take(2).All(honest.Contains));
            var result = await ring.Members[0].Past.ResumeInsertAsync(certificate, ContentSource.FromBytes(content), cancellationToken: limit.Token);
            Assert.IsType<InsertResult.Stored>(result);
        }

        Assert.All(hostile, one => Assert.Equal(Honest * PlacesOfPeer, one.Module.Streams));
        foreach (var (node, _) in hostile)
        {
            await node.DisposeAsync();
        }
    }

    private static async Task WhenNeighborsAsync(PastryNode node, int count, CancellationToken cancellationToken)
    {
        while ((await node.GetStatusAsync(cancellationToken)).LeafSet.Count < count)
        {
            await Task.Yield();
        }
    }

    /// <summary>Answers each request for content with a promise.</summary>
    private sealed class StallingModule(int streamsExpected) : PastryApplication(PastryApplicationId.FromName("p2p/past")), IPastryModule
    {
        private readonly TaskCompletionSource _allHeld = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly CancellationTokenSource _closing = new();
        private INodePort? _port;
        private int _streams;

        public int Streams => Volatile.Read(ref _streams);

        /// <summary>Ends when as many streams are open as are expected.</summary>
        public Task AllHeld => _allHeld.Task;

        PastryApplication IPastryModule.Application => this;

        public async Task SayAsync(NodeHandle to, PastMessage message) =>
            await _port!.PostAsync((Action<IOverlay>)(overlay => overlay.Send(to, Payload.FromContent(message))));

        void IPastryModule.Attach(INodePort port) => _port = port;

        void IPastryModule.Perform(object effect)
        {
        }

        void IPastryModule.AcceptStream(TransportStream stream) => _ = HoldAsync(stream);

        public ValueTask DisposeAsync()
        {
            _closing.Cancel();
            return ValueTask.CompletedTask;
        }

        protected override void Deliver(in RoutedMessage message, IOverlay overlay)
        {
        }

        protected override void Handle(object input, IOverlay overlay) => ((Action<IOverlay>)input)(overlay);

        private async Task HoldAsync(TransportStream stream)
        {
            if (Interlocked.Increment(ref _streams) >= streamsExpected)
            {
                _allHeld.TrySetResult();
            }

            using var signs = new PeriodicTimer(TimeSpan.FromSeconds(5));
            do
            {
                await stream.Output.WriteAsync(new byte[] { FetchRequest.Wait }, _closing.Token);
            }
            while (await signs.WaitForNextTickAsync(_closing.Token));
        }
    }
}
