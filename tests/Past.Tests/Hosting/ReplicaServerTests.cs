using System.IO.Pipelines;
using System.Threading.Channels;
using P2P.Past;
using P2P.Past.Wire;
using P2P.Pastry;
using P2P.Pastry.Transport;

namespace Past.Tests.Hosting;

/// <summary>Serves streams whose other end does as it likes, on a clock that the test moves.</summary>
public sealed class ReplicaServerTests : IAsyncDisposable
{
    private static readonly TimeSpan StallTimeout = TimeSpan.FromSeconds(30);

    private static readonly NodeHandle Reader = new(TestFiles.Holder.PublicKey.NodeId, 1, [new NodeAddress("192.0.2.1", 4000)]);

    private readonly ManualTime _time = new();
    private readonly MemoryReplicaStore _store = new(1 << 30);
    private readonly byte[] _content = TestFiles.Content(6 * ContentLayout.LeafSize);
    private readonly Pipe _requests = new();
    private readonly Pipe _answers = new(new PipeOptions(pauseWriterThreshold: 1000, resumeWriterThreshold: 1));
    private readonly FileCertificate _certificate;
    private readonly SignallingWriter _output;
    private bool _isClosed;

    public ReplicaServerTests()
    {
        _certificate = TestFiles.Certify(_content);
        _output = new SignallingWriter(_answers.Writer);
    }

    public ValueTask DisposeAsync() => _store.DisposeAsync();

    [Fact]
    public async Task Reader_that_does_not_read_is_cut_off()
    {
        var serving = await ServeAsync();
        await FetchRequest.WriteAsync(_requests.Writer, new FetchRequest(_certificate.FileId, new LeafRange(0, 6)), CancellationToken.None);
        await _output.BlockedAsync();

        _time.Advance(StallTimeout - TimeSpan.FromSeconds(1));
        Assert.False(serving.IsCompleted);
        _time.Advance(TimeSpan.FromSeconds(1));
        await serving;
        Assert.True(_isClosed);
    }

    [Fact]
    public async Task Slow_reader_that_goes_on_reading_gets_everything()
    {
        var serving = await ServeAsync();
        var wanted = new LeafRange(0, 6);
        await FetchRequest.WriteAsync(_requests.Writer, new FetchRequest(_certificate.FileId, wanted), CancellationToken.None);
        using var patience = new Patience(TimeSpan.FromDays(1), _time, CancellationToken.None);
        Assert.True(await FetchRequest.ReadAnswerAsync(_answers.Reader, patience));
        using var reader = new VerifiedContentReader(_answers.Reader, _certificate, wanted);
        for (var leaf = 0; leaf < 6; leaf++)
        {
            await _output.BlockedAsync();
            _time.Advance(StallTimeout - TimeSpan.FromSeconds(1));
            Assert.Equal(leaf, (await reader.ReadAsync())?.Index);
        }

        Assert.Null(await reader.ReadAsync());
        await _requests.Writer.CompleteAsync();
        await serving;
        Assert.True(_isClosed);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(10)]
    public async Task Reader_that_does_not_say_what_it_wants_is_cut_off(int bytes)
    {
        var serving = await ServeAsync();
        await _requests.Writer.WriteAsync(new byte[bytes]);
        Assert.False(serving.IsCompleted);
        _time.Advance(StallTimeout);
        await serving;
        Assert.True(_isClosed);
    }

    [Fact]
    public async Task Reader_that_has_everything_and_does_not_close_is_cut_off()
    {
        var serving = await ServeAsync();
        var wanted = new LeafRange(5, 1);
        await FetchRequest.WriteAsync(_requests.Writer, new FetchRequest(_certificate.FileId, wanted), CancellationToken.None);
        using var patience = new Patience(TimeSpan.FromDays(1), _time, CancellationToken.None);
        Assert.True(await FetchRequest.ReadAnswerAsync(_answers.Reader, patience));
        using var reader = new VerifiedContentReader(_answers.Reader, _certificate, wanted);
        Assert.NotNull(await reader.ReadAsync());
        Assert.True((await _answers.Reader.ReadAsync()).IsCompleted);

        // The server may be about to wait when the end has been read; a clock that goes on reaches it in any case.
        while (!serving.IsCompleted)
        {
            _time.Advance(StallTimeout);
            await Task.Yield();
        }

        await serving;
        Assert.True(_isClosed);
    }

    [Fact]
    public async Task Request_of_another_version_is_not_answered()
    {
        var serving = await ServeAsync();
        await _requests.Writer.WriteAsync(Enumerable.Repeat((byte)2, 29).ToArray());
        await serving;
        Assert.True(_isClosed);
    }

    private async Task<Task> ServeAsync()
    {
        await _store.StoreAsync(_certificate, _content);
        var server = new ReplicaServer(_store, _time, StallTimeout, _ => Assert.Fail("Nothing is damaged."));
        var stream = new TransportStream(Reader, new Ends(_requests.Reader, _output), () =>
        {
            _isClosed = true;
            return ValueTask.CompletedTask;
        });
        return server.ServeAsync(stream, CancellationToken.None);
    }

    private sealed record Ends(PipeReader Input, PipeWriter Output) : IDuplexPipe;

    /// <summary>Tells when a flush waits for the reader.</summary>
    private sealed class SignallingWriter(PipeWriter writer) : PipeWriter
    {
        private readonly Channel<bool> _blocked = Channel.CreateUnbounded<bool>();

        public async Task BlockedAsync() => await _blocked.Reader.ReadAsync();

        public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default)
        {
            var flushing = writer.FlushAsync(cancellationToken);
            if (!flushing.IsCompleted)
            {
                _blocked.Writer.TryWrite(true);
            }

            return flushing;
        }

        public override void Advance(int bytes) => writer.Advance(bytes);

        public override Memory<byte> GetMemory(int sizeHint = 0) => writer.GetMemory(sizeHint);

        public override Span<byte> GetSpan(int sizeHint = 0) => writer.GetSpan(sizeHint);

        public override void CancelPendingFlush() => writer.CancelPendingFlush();

        public override void Complete(Exception? exception = null) => writer.Complete(exception);
    }
}
