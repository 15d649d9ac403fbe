using System.Diagnostics.Metrics;
using System.Runtime.CompilerServices;

namespace P2P.YouServ.Dns;

/// <summary>Reports what a process's DNS servers do. Numbers are read when somebody collects them, and are sums over all servers, those that have stopped included.</summary>
internal sealed class DnsMetrics
{
    private static readonly ConditionalWeakTable<Meter, DnsMetrics> OfMeters = [];
    private static readonly Meter ProcessMeter = new(YouServTelemetry.MeterName);

    private readonly Lock _gate = new();
    private readonly HashSet<EndpointServer> _servers = [];
    private long _datagramsOfStopped;
    private long _limitedOfStopped;
    private long _streamsOfStopped;

    private DnsMetrics(Meter meter)
    {
        var transport = new KeyValuePair<string, object?>("transport", "udp");
        meter.CreateObservableCounter(
            YouServTelemetry.Prefix + "dns_queries",
            () => (Measurement<long>[])[
                new(Sum(server => server.DatagramQueries, _datagramsOfStopped), transport),
                new(Sum(server => server.StreamQueries, _streamsOfStopped), new KeyValuePair<string, object?>("transport", "tcp"))],
            "{query}",
            "Queries that came.");
        meter.CreateObservableCounter(
            YouServTelemetry.Prefix + "dns_queries_limited",
            () => Sum(server => server.DatagramsLimited, _limitedOfStopped),
            "{query}",
            "Queries of networks that asked too fast: dropped, or asked to come back over a connection.");
    }

    /// <summary>Gives the metrics of a factory's meter, or those of the process.</summary>
    public static DnsMetrics Of(IMeterFactory? factory) =>
        OfMeters.GetValue(factory?.Create(new MeterOptions(YouServTelemetry.MeterName)) ?? ProcessMeter, meter => new DnsMetrics(meter));

    public void Add(EndpointServer server)
    {
        lock (_gate)
        {
            _servers.Add(server);
        }
    }

    /// <summary>Takes out a server that has stopped; what it has counted stays.</summary>
    public void Remove(EndpointServer server)
    {
        lock (_gate)
        {
            if (_servers.Remove(server))
            {
                _datagramsOfStopped += server.DatagramQueries;
                _limitedOfStopped += server.DatagramsLimited;
                _streamsOfStopped += server.StreamQueries;
            }
        }
    }

    private long Sum(Func<EndpointServer, long> read, long ofStopped)
    {
        lock (_gate)
        {
            return _servers.Sum(read) + ofStopped;
        }
    }
}
