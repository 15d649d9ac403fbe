using System.Diagnostics.Metrics;
using P2P.Pastry;
using P2P.Pastry.Transport;

namespace Pastry.Tests.Hosting;

/// <summary>What nodes report to a meter.</summary>
public sealed class MetricsTests : IDisposable
{
    private readonly InMemoryNetwork _network = new();
    private readonly CancellationTokenSource _limit = new(TimeSpan.FromSeconds(60));
    private readonly OneMeter _meters = new();

    private CancellationToken Limit => _limit.Token;

    public void Dispose()
    {
        _meters.Dispose();
        _limit.Dispose();
    }

    [Fact]
    public async Task Nodes_of_a_process_add_up()
    {
        using var reader = new MeterReader(_meters);
        var (one, other) = (new PastryEndpoint("tests/metrics"), new PastryEndpoint("tests/metrics"));
        await using var first = await StartAsync(one);
        var second = await StartAsync(other, first);
        await one.RouteAsync(second.Handle.Id, new byte[1], cancellationToken: Limit);
        await one.RouteAsync(first.Handle.Id, new byte[1], cancellationToken: Limit);
        await NextAsync(other);
        // Its answer stands behind the acknowledgement in the inbox.
        await other.SendAsync(first.Handle, new byte[1], Limit);
        await NextAsync(one);
        await NextAsync(one);

        // What is shown of a turn is shown at its end; the answer to the second question comes in a later one.
        await Task.WhenAll(first.GetStatusAsync(Limit).AsTask(), second.GetStatusAsync(Limit).AsTask());
        await Task.WhenAll(first.GetStatusAsync(Limit).AsTask(), second.GetStatusAsync(Limit).AsTask());
        var values = reader.Read();
        Assert.Equal(2, values["nodes"]);
        Assert.Equal(2, values["leaf_set_size"]);
        Assert.Equal(2, values["table_size"]);
        Assert.Equal(2, values["messages_delivered"]);
        Assert.Equal(1, values["messages_forwarded"]);
        Assert.Equal(2, values["joins/joined"]);
        Assert.Equal(0, values["joins/failed"]);
        Assert.Equal(0, values["hop_timeouts"]);
        Assert.Equal(1, values["messages_sent/routed"]);
        Assert.Equal(1, values["messages_sent/direct"]);
        Assert.InRange(values["messages_sent/leaf_set_probe"], 1, 100);
        Assert.Equal(0, values["messages_dropped/waiting"]);
        Assert.Equal([0, 1], reader.Recorded("hops").Order());
        Assert.Single(reader.Recorded("hop_round_trip"));

        await second.DisposeAsync();
        values = reader.Read();
        Assert.Equal(1, values["nodes"]);
        Assert.Equal(2, values["messages_delivered"]);
        Assert.Equal(1, values["messages_sent/departure"]);
    }

    [Fact]
    public async Task Collector_that_fails_does_not_harm_the_node()
    {
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Meter == _meters.Meter)
                {
                    listener.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.SetMeasurementEventCallback<int>((_, _, _, _) => throw new InvalidOperationException("No room for numbers."));
        listener.Start();
        var endpoint = new PastryEndpoint("tests/metrics");
        await using var node = await StartAsync(endpoint);

        await endpoint.RouteAsync(node.Handle.Id, new byte[1], cancellationToken: Limit);
        await NextAsync(endpoint);

        Assert.True((await node.GetStatusAsync(Limit)).IsReady);
    }

    private async Task<PastryNode> StartAsync(PastryEndpoint endpoint, params PastryNode[] bootstraps)
    {
        var options = new PastryNodeOptions { Transport = _network.CreateTransport, Modules = { endpoint }, MeterFactory = _meters };
        Array.ForEach(bootstraps, node => options.Bootstraps.Add(node.Handle.Address));
        var node = await PastryNode.StartAsync(options, Limit);
        await node.WhenReadyAsync(Limit);
        return node;
    }

    private async Task<Delivery> NextAsync(PastryEndpoint endpoint)
    {
        await foreach (var delivery in endpoint.DeliveriesAsync(Limit))
        {
            return delivery;
        }

        throw new InvalidOperationException("The endpoint has ended.");
    }

    /// <summary>Gives all nodes of a test the same meter, as a container does.</summary>
    private sealed class OneMeter : IMeterFactory
    {
        public Meter Meter { get; } = new(PastryTelemetry.MeterName);

        public Meter Create(MeterOptions options) => Meter;

        public void Dispose() => Meter.Dispose();
    }

    private sealed class MeterReader : IDisposable
    {
        private readonly MeterListener _listener = new();
        private readonly Lock _gate = new();
        private readonly Dictionary<string, long> _values = [];
        private readonly List<(string Name, double Value)> _recorded = [];

        public MeterReader(OneMeter meters)
        {
            _listener.InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Meter == meters.Meter)
                {
                    listener.EnableMeasurementEvents(instrument);
                }
            };
            _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Take(instrument, value, tags));
            _listener.SetMeasurementEventCallback<int>((instrument, value, tags, _) => Take(instrument, value, tags));
            _listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Take(instrument, value, tags));
            _listener.Start();
        }

        public Dictionary<string, long> Read()
        {
            _listener.RecordObservableInstruments();
            lock (_gate)
            {
                return new Dictionary<string, long>(_values);
            }
        }

        public IReadOnlyList<double> Recorded(string name)
        {
            lock (_gate)
            {
                return [.. _recorded.Where(one => one.Name == name).Select(one => one.Value)];
            }
        }

        public void Dispose() => _listener.Dispose();

        private void Take(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
        {
            var name = instrument.Name["p2p.pastry.".Length..] + (tags.IsEmpty ? "" : "/" + tags[0].Value);
            lock (_gate)
            {
                if (instrument.IsObservable)
                {
                    _values[name] = (long)value;
                }
                else
                {
                    _recorded.Add((name, value));
                }
            }
        }
    }
}
