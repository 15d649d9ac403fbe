using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Diagnostics;
using System.Threading.Channels;
using P2P.Pastry;
using P2P.Pastry.Transport;
using P2P.Scribe;
using P2P.Scribe.Protocol;

namespace Scribe.Tests.Hosting;

/// <summary>Verifications that are asked for while those who verify come and go.</summary>
public sealed class SignatureChecksTests
{
    private const int Checks = 20_000;

    /// <summary>Asked for about as fast as they are done, so that workers leave and come all the time. A worker that is counted and gone would be missing for ever, and after as many as there are processors nothing would be answered.</summary>
    [Fact]
    public async Task Each_check_is_answered_however_workers_come_and_go()
    {
        using var key = SigningKey.Create();
        var certificate = await GroupCertificate.CreateAsync("checked", key, new GroupPolicy(), DateTimeOffset.UnixEpoch.AddDays(20_000));
        var port = new AnsweringPort();
        var checks = new SignatureChecks(port, known: null);
        var random = new Random(42);
        for (ulong ticket = 1; ticket <= Checks; ticket++)
        {
            checks.Add(new Verify(ticket, certificate));
            for (var pause = Stopwatch.GetTimestamp() + random.NextInt64(Stopwatch.Frequency / 20_000); Stopwatch.GetTimestamp() < pause;)
            {
                // About as long as it takes to verify one: so workers run out of work when the next comes.
            }
        }

        await port.WhenAnsweredAsync(Checks);
        Assert.Equal(Checks, port.Answers.Distinct().Count());
    }

    /// <summary>Counts the outcomes that are posted, and runs work on other threads.</summary>
    private sealed class AnsweringPort : INodePort
    {
        private readonly SemaphoreSlim _posted = new(0);
        private ulong _seen;

        public ConcurrentQueue<ulong> Answers { get; } = [];

        public NodeHandle Handle => throw new NotSupportedException();

        public TimeProvider Time => TimeProvider.System;

        public bool IsReady => true;

        public ImmutableArray<NodeHandle> Neighbors => [];

        public CancellationToken Stopping => CancellationToken.None;

        /// <summary>Waits until so many outcomes have come.</summary>
        public async Task WhenAnsweredAsync(ulong count)
        {
            for (; _seen < count; _seen++)
            {
                Assert.True(await _posted.WaitAsync(TimeSpan.FromMinutes(1)), $"{Answers.Count} outcomes have come, of {count}.");
            }
        }

        public void Start(Func<Task> work) => Task.Run(work);

        public ValueTask PostAsync(object input, CancellationToken cancellationToken = default)
        {
            Answers.Enqueue(((Verified)input).Ticket);
            _posted.Release();
            return ValueTask.CompletedTask;
        }

        public ValueTask WhenReadyAsync(CancellationToken cancellationToken = default) => throw new NotSupportedException();

        public IAsyncEnumerable<NeighborChanged> NeighborChangesAsync(CancellationToken cancellationToken = default) => throw new NotSupportedException();

        public ValueTask<IReadOnlyList<NodeHandle>> ReplicaSetAsync(NodeId key, int max, CancellationToken cancellationToken = default) => throw new NotSupportedException();

        public ValueTask RouteAsync(NodeId key, ReadOnlyMemory<byte> payload, RouteOptions options = RouteOptions.None, CancellationToken cancellationToken = default) => throw new NotSupportedException();

        public ValueTask SendAsync(NodeHandle to, ReadOnlyMemory<byte> payload, CancellationToken cancellationToken = default) => throw new NotSupportedException();

        public ValueTask<TransportStream> OpenStreamAsync(NodeHandle to, CancellationToken cancellationToken = default) => throw new NotSupportedException();

        public SignedStatement Sign(string purpose, ReadOnlySpan<byte> body) => throw new NotSupportedException();

        public Channel<T> CreateChannel<T>(BoundedChannelOptions options) => Channel.CreateBounded<T>(options);

        public void FillRandom(Span<byte> bytes) => throw new NotSupportedException();
    }
}
