using System.Collections.Immutable;
using System.IO.Pipelines;
using System.Threading.Channels;
using P2P.Past;
using P2P.Past.Protocol;
using P2P.Past.Wire;
using P2P.Pastry;
using P2P.Pastry.Transport;

namespace Past.Tests.Hosting;

/// <summary>Fetches replicas from sources that give signs of life and nothing else, on a clock that the test moves.</summary>
public sealed class StallingSourceTests : IAsyncDisposable
{
    private const int Leaf = ContentLayout.LeafSize;

    private static readonly PastOptions Options = new() { StallTimeout = TimeSpan.FromSeconds(30), TransferRateMin = Leaf };

    private readonly ManualTime _time = new();
    private readonly MemoryReplicaStore _store = new(1 << 30);
    private readonly byte[] _content = TestFiles.Content(20 * Leaf);
    private readonly FileCertificate _certificate;
    private readonly SourcePort _port;

    public StallingSourceTests()
    {
        _certificate = TestFiles.Certify(_content);
        _port = new SourcePort(_time);
    }

    public ValueTask DisposeAsync() => _store.DisposeAsync();

    [Fact]
    public async Task Source_that_says_wait_for_ever_is_left_when_the_transfer_s_time_is_over_and_takes_no_room()
    {
        var keeping = Keep();
        for (var waited = TimeSpan.Zero; waited < TimeSpan.FromSeconds(75); waited += TimeSpan.FromSeconds(5))
        {
            await _port.SayAsync([FetchRequest.Wait]);
            Assert.False(keeping.IsCompleted);
            Assert.InRange(_store.Usage.UsedBytes, 0, Leaf);
            _time.Advance(TimeSpan.FromSeconds(5));
        }

        // 20 leaves at a leaf a second, and twice the time after which a stream is cut.
        _time.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal(RefusalCode.SourceUnreachable, (await keeping).Refusal);
        Assert.Equal(0, _store.Usage.UsedBytes);
    }

    [Fact]
    public async Task Reader_goes_on_to_the_next_source_where_one_says_wait_for_ever()
    {
        var fetcher = new ContentFetcher(new PastPort(_port, CancellationToken.None), Options.StallTimeout, _certificate, [_port.Source]);
        var reading = Task.Run(async () =>
        {
            await foreach (var _ in fetcher.FetchAsync(0, CancellationToken.None))
            {
            }
        });
        for (var said = 0; said < 30 && !reading.IsCompleted; said++)
        {
            // The reader may have gone already; then nobody reads what is said.
            await Task.WhenAny(_port.SayAsync([FetchRequest.Wait]), reading);
            _time.Advance(TimeSpan.FromSeconds(5));
        }

        var exception = await Assert.ThrowsAsync<PastException>(() => reading);
        Assert.Contains(_port.Source.ToString(), exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Fetch_that_is_to_come_from_elsewhere_ends_at_once()
    {
        var fetches = new RunningFetches();
        var keeping = new TaskCompletionSource<ReplicaKept>();
        var ended = fetches.Begin(_certificate.FileId, keeping.Task);
        var fetch = Keep(ended);
        await _port.SayAsync([FetchRequest.Wait]);
        Assert.False(fetch.IsCompleted);
        fetches.End(_certificate.FileId);
        keeping.SetResult(await fetch);
        Assert.Equal(RefusalCode.SourceUnreachable, (await keeping.Task).Refusal);

        // What is over is not ended again, nor is what comes after it.
        var next = fetches.Begin(_certificate.FileId, new TaskCompletionSource().Task);
        Assert.False(next.IsCancellationRequested);
    }

    private Task<ReplicaKept> Keep(CancellationToken ended = default)
    {
        var past = new PastPort(_port, CancellationToken.None);
        var server = new ReplicaServer(_store, _time, Options.StallTimeout, _ => { });
        var keeper = new ReplicaKeeper(past, _store, Options, new CertificateVerifier([]), server);
        return keeper.KeepAsync(new KeepReplica(_certificate, Content: null, [_port.Source]), CancellationToken.None, ended);
    }

    /// <summary>Is a node on which every stream leads to the same source, which says what the test has it say.</summary>
    private sealed class SourcePort(TimeProvider time) : INodePort
    {
        // A flush ends when the reader has read everything.
        private readonly Pipe _answers = new(new PipeOptions(pauseWriterThreshold: 1, resumeWriterThreshold: 1));
        private readonly Pipe _requests = new();

        public NodeHandle Source { get; } = new(TestFiles.Holder.PublicKey.NodeId, 1, [new NodeAddress("192.0.2.1", 4000)]);

        public NodeHandle Handle { get; } = new(TestFiles.Owner.PublicKey.NodeId, 1, [new NodeAddress("192.0.2.2", 4000)]);

        public TimeProvider Time => time;

        public bool IsReady => true;

        public ImmutableArray<NodeHandle> Neighbors => [];

        public CancellationToken Stopping => CancellationToken.None;

        public async Task SayAsync(byte[] bytes) => await _answers.Writer.WriteAsync(bytes);

        public ValueTask<TransportStream> OpenStreamAsync(NodeHandle to, CancellationToken cancellationToken = default) =>
            new(new TransportStream(to, new Ends(_answers.Reader, _requests.Writer), () => ValueTask.CompletedTask));

        public ValueTask WhenReadyAsync(CancellationToken cancellationToken = default) => throw new NotSupportedException();

        public IAsyncEnumerable<NeighborChanged> NeighborChangesAsync(CancellationToken cancellationToken = default) => throw new NotSupportedException();

        public ValueTask<IReadOnlyList<NodeHandle>> ReplicaSetAsync(NodeId key, int max, CancellationToken cancellationToken = default) => throw new NotSupportedException();

        public ValueTask PostAsync(object input, CancellationToken cancellationToken = default) => throw new NotSupportedException();

        public ValueTask RouteAsync(NodeId key, ReadOnlyMemory<byte> payload, RouteOptions options = RouteOptions.None, CancellationToken cancellationToken = default) => throw new NotSupportedException();

        public ValueTask SendAsync(NodeHandle to, ReadOnlyMemory<byte> payload, CancellationToken cancellationToken = default) => throw new NotSupportedException();

        public SignedStatement Sign(string purpose, ReadOnlySpan<byte> body) => throw new NotSupportedException();

        public Channel<T> CreateChannel<T>(BoundedChannelOptions options) => Channel.CreateBounded<T>(options);

        public void FillRandom(Span<byte> bytes) => throw new NotSupportedException();

        public void Start(Func<Task> work) => throw new NotSupportedException();
    }

    private sealed record Ends(PipeReader Input, PipeWriter Output) : IDuplexPipe;
}
