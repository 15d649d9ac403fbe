using System.Collections.Concurrent;
using System.Diagnostics;
using P2P.Past;
using P2P.Pastry;
using P2P.Pastry.Transport;

namespace Past.Tests.Hosting;

/// <summary>What users ask of an archive is in a trace, with what the ring does for it beneath.</summary>
public sealed class SpanTests
{
    [Fact]
    public async Task Inserts_and_lookups_have_a_span_from_which_the_messages_of_the_ring_hang()
    {
        using var limit = new CancellationTokenSource(LoopbackRing.Patience);
        using var asking = new Activity("test").SetIdFormat(ActivityIdFormat.W3C).Start();
        var spans = new ConcurrentQueue<Activity>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name is PastTelemetry.ActivitySourceName or PastryTelemetry.ActivitySourceName,
            Sample = (ref ActivityCreationOptions<ActivityContext> options) => options.Parent.TraceId == asking.TraceId ? ActivitySamplingResult.AllDataAndRecorded : ActivitySamplingResult.None,
            ActivityStopped = spans.Enqueue,
        };
        ActivitySource.AddActivityListener(listener);

        var network = new InMemoryNetwork();
        var past = NewStore();
        await using (var node = await PastryNode.StartAsync(new() { Modules = { past }, Transport = network.CreateTransport, Protocol = LoopbackRing.Protocol }, limit.Token))
        await using (var other = await PastryNode.StartAsync(
            new() { Modules = { NewStore() }, Transport = network.CreateTransport, Protocol = LoopbackRing.Protocol, Bootstraps = { node.Handle.Address } }, limit.Token))
        {
            await other.WhenReadyAsync(limit.Token);
            await node.WhenReadyAsync(limit.Token);
            for (var number = 0; number < 16; number++)
            {
                var stored = await past.InsertAsync($"traced {number}", TestFiles.Owner, ContentSource.FromBytes(TestFiles.Content(1_000)), new() { ReplicaCount = 1 }, limit.Token);
                await past.LookupAsync(stored.FileId, limit.Token);
            }

            var certificate = TestFiles.Certify(TestFiles.Content(1_000), "fails", replicas: 1);
            await Assert.ThrowsAsync<PastException>(() => past.ResumeInsertAsync(certificate, ContentSource.FromBytes(TestFiles.Content(999)), cancellationToken: limit.Token).AsTask());
        }

        var failed = Assert.Single(spans, span => span.Status == ActivityStatusCode.Error);
        Assert.Equal(("p2p.past.insert", "failed"), (failed.OperationName, failed.GetTagItem("p2p.past.outcome")));
        var inserts = spans.Where(span => span.OperationName == "p2p.past.insert" && span != failed).ToArray();
        Assert.Equal(16, inserts.Length);
        Assert.All(inserts, insert => Assert.Equal("stored", insert.GetTagItem("p2p.past.outcome")));
        Assert.All(spans.Where(span => span.OperationName == "p2p.past.lookup"), lookup => Assert.Equal("found", lookup.GetTagItem("p2p.past.outcome")));
        Assert.Contains(spans, span => span.Source.Name == PastryTelemetry.ActivitySourceName && inserts.Any(insert => insert.SpanId == span.ParentSpanId));
    }

    private static PastStore NewStore() => new(new PastStoreOptions { Replicas = new MemoryReplicaStore(1_000_000) });
}
