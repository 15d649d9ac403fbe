using System.Buffers;
using System.Collections.Immutable;
using System.IO.Pipelines;
using System.Threading.Channels;
using P2P.Past;
using P2P.Past.Protocol;
using P2P.Past.Wire;
using P2P.Pastry;
using P2P.Pastry.Transport;

namespace Past.Tests.Hosting;

/// <summary>Passes content on from sources of which only the last gives anything, on a clock that the test moves.</summary>
public sealed class ContentRelayTests : IAsyncDisposable
{
    private const int Leaves = 3;

    private static readonly TimeSpan StallTimeout = TimeSpan.FromSeconds(30);

    private readonly ManualTime _time = new();
    private readonly MemoryReplicaStore _store = new(1 << 30);
    private readonly byte[] _content = TestFiles.Content(Leaves * ContentLayout.LeafSize);
    private readonly FileCertificate _certificate;
    private readonly Pipe _output = new(new PipeOptions(pauseWriterThreshold: 1, resumeWriterThreshold: 1));
    private readonly SourcePort _port;

    public ContentRelayTests()
    {
        _certificate = TestFiles.Certify(_content);
        _port = new SourcePort(_time, new ReplicaServer(_store, _time, StallTimeout, _ => { }));
    }

    public ValueTask DisposeAsync() => _store.DisposeAsync();

    [Theory]
    [InlineData("absent")]
    [InlineData("unreachable")]
    [InlineData("self")]
    public async Task Content_comes_from_the_first_source_that_gives_it(string first)
    {
        var passing = await PassAsync(first, "holder");
        Assert.Equal(_content, await ReadAsync());
        Assert.True(await passing);
    }

    [Fact]
    public async Task Nothing_is_given_where_no_source_gives_anything()
    {
        Assert.False(await await PassAsync("absent", "unreachable"));
        Assert.False(_output.Reader.TryRead(out _));
    }

    [Fact]
    public async Task Who_waits_hears_that_a_silent_source_is_waited_for_and_gets_the_content_from_the_next()
    {
        var passing = await PassAsync("silent", "holder");
        var waits = 0;

        // The relay may be about to wait; a clock that goes on reaches it in any case.
        while (!_port.IsHolderAsked)
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
            if (_output.Reader.TryRead(out var read))
            {
                Assert.All(read.Buffer.ToArray(), answer => Assert.Equal(FetchRequest.Wait, answer));
                waits += (int)read.Buffer.Length;
                _output.Reader.AdvanceTo(read.Buffer.End);
            }
        }

        Assert.True(waits > 0);
        Assert.Equal(_content, await ReadAsync());
        Assert.True(await passing);
    }

    private async Task<Task<bool>> PassAsync(params string[] sources)
    {
        await _store.StoreAsync(_certificate, _content);
        var port = new PastPort(_port, CancellationToken.None);
        var relay = new ContentRelay(port, StallTimeout, new KeepReplica(_certificate, Content: null, [.. sources.Select(SourcePort.Node)]));
        return PassAsync(relay);
    }

    private async Task<bool> PassAsync(ContentRelay relay)
    {
        using var patience = new Patience(TimeSpan.FromDays(1), _time, CancellationToken.None);
        patience.Rest();
        return await relay.TryPassAsync(new FetchRequest(_certificate.FileId, new LeafRange(0, Leaves)), _output.Writer, patience, CancellationToken.None);
    }

    private async Task<byte[]> ReadAsync()
    {
        using var patience = new Patience(TimeSpan.FromDays(1), _time, CancellationToken.None);
        Assert.True(await FetchRequest.ReadAnswerAsync(_output.Reader, patience));
        using var reader = new VerifiedContentReader(_output.Reader, _certificate, new LeafRange(0, Leaves));
        var content = new List<byte>();
        while (await reader.ReadAsync() is { } leaf)
        {
            content.AddRange(leaf.Bytes.Span);
        }

        return [.. content];
    }

    /// <summary>Is a node from which streams lead to nodes that do as their names say.</summary>
    private sealed class SourcePort(TimeProvider time, ReplicaServer holder) : INodePort
    {
        private volatile bool _isHolderAsked;

        public bool IsHolderAsked => _isHolderAsked;

        public NodeHandle Handle { get; } = Node("self");

        public TimeProvider Time => time;

        public bool IsReady => true;

        public ImmutableArray<NodeHandle> Neighbors => [];

        public CancellationToken Stopping => CancellationToken.None;

        public static NodeHandle Node(string name) => new(NodeId.FromText(name), 1, [new NodeAddress(name, 4000)]);

        public ValueTask<TransportStream> OpenStreamAsync(NodeHandle to, CancellationToken cancellationToken = default)
        {
            var name = to.Address.Host;
            var (requests, answers) = (new Pipe(), new Pipe());
            if (name == "absent")
            {
                answers.Writer.Complete();
            }
            else if (name == "holder")
            {
                _isHolderAsked = true;
                _ = holder.ServeAsync(new TransportStream(Handle, new Ends(requests.Reader, answers.Writer), () => ValueTask.CompletedTask), CancellationToken.None);
            }

            return name is "unreachable" or "self"
                ? throw new PastException("is not there")
                : new(new TransportStream(to, new Ends(answers.Reader, requests.Writer), () => ValueTask.CompletedTask));
        }

        public ValueTask WhenReadyAsync(CancellationToken cancellationToken = default) => throw new NotSupportedException();

        public IAsyncEnumerable<NeighborChanged> NeighborChangesAsync(CancellationToken cancellationToken = default) => throw new NotSupportedException();

        public ValueTask<IReadOnlyList<NodeHandle>> ReplicaSetAsync(NodeId key, int max, CancellationToken cancellationToken = default) => throw new NotSupportedException();

        public ValueTask PostAsync(object input, CancellationToken cancellationToken = default) => throw new NotSupportedException();

        public ValueTask RouteAsync(NodeId key, ReadOnlyMemory<byte> payload, RouteOptions options = RouteOptions.None, CancellationToken cancellationToken = default) => throw new NotSupportedException();

        public ValueTask SendAsync(NodeHandle to, ReadOnlyMemory<byte> payload, CancellationToken cancellationToken = default) => throw new NotSupportedException();

        public SignedStatement Sign(string purpose, ReadOnlySpan<byte> body) => throw new NotSupportedException();

        public Channel<T> CreateChannel<T>(BoundedChannelOptions options) => throw new NotSupportedException();

        public void FillRandom(Span<byte> bytes) => throw new NotSupportedException();

        public void Start(Func<Task> work) => throw new NotSupportedException();
    }

    private sealed record Ends(PipeReader Input, PipeWriter Output) : IDuplexPipe;
}
