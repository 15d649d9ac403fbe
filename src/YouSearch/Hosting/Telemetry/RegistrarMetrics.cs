using System.Diagnostics.Metrics;
using P2P.YouSearch.Protocol;

namespace P2P.YouSearch.Hosting;

/// <summary>Counts what registrars do. Whoever makes a meter from the same factory counts into the same instruments.</summary>
internal sealed class RegistrarMetrics
{
    private const string Prefix = YouSearchTelemetry.Prefix + "registrar.";

    private static readonly Meter ProcessMeter = new(YouSearchTelemetry.MeterName);

    private readonly Counter<long> _registrations;
    private readonly Counter<long> _queries;
    private readonly Counter<long> _probes;
    private readonly Counter<long> _offers;
    private readonly Histogram<int> _candidates;

    /// <param name="factory">Makes the meter; the process's if null.</param>
    /// <param name="sites">Counts the sites that are known.</param>
    /// <param name="cached">Counts the answers that are known to be kept.</param>
    /// <param name="memory">The bytes that summaries take.</param>
    public RegistrarMetrics(IMeterFactory? factory, Func<int> sites, Func<int> cached, Func<long> memory)
    {
        var meter = factory?.Create(new MeterOptions(YouSearchTelemetry.MeterName)) ?? ProcessMeter;
        _registrations = meter.CreateCounter<long>(Prefix + "registrations", "{registration}", "Registrations of sites.");
        _queries = meter.CreateCounter<long>(Prefix + "queries", "{query}", "Questions which sites may have an answer.");
        _probes = meter.CreateCounter<long>(Prefix + "probes", "{probe}", "Looks for sites that were said to be silent.");
        _offers = meter.CreateCounter<long>(Prefix + "offers", "{offer}", "Offers to answer for others.");
        _candidates = meter.CreateHistogram<int>(Prefix + "candidates", "{site}", "Sites named in an answer.");
        meter.CreateObservableGauge(Prefix + "sites", sites, "{site}", "Sites that are known.");
        meter.CreateObservableGauge(Prefix + "cached_answers", cached, "{answer}", "Answers that peers are known to keep.");
        meter.CreateObservableGauge(Prefix + "summary_memory", memory, "By", "What summaries take in this process.");
    }

    public void Registered(bool isKnown) => Count(_registrations, "outcome", isKnown ? "known" : "whole_wanted");

    public void RegistrationRefused(RefusalKind kind) => Count(_registrations, "outcome", kind switch
    {
        RefusalKind.TooOften => "too_often",
        RefusalKind.Full => "full",
        RefusalKind.Invalid => "invalid",
        _ => "forbidden",
    });

    public void Answered(CandidateList list)
    {
        _queries.Add(1, new KeyValuePair<string, object?>("outcome", "answered"), new KeyValuePair<string, object?>("cache", list.Cache is null ? "none" : "named"));
        _candidates.Record(list.Candidates.Count);
    }

    public void QueryRefused() => Count(_queries, "outcome", "refused");

    public void Probed(bool isAlive) => Count(_probes, "outcome", isAlive ? "alive" : "dead");

    public void Offered(bool isTaken) => Count(_offers, "outcome", isTaken ? "taken" : "refused");

    private static void Count(Counter<long> counter, string tag, string value) => counter.Add(1, new KeyValuePair<string, object?>(tag, value));
}
