using System.Diagnostics.Metrics;

namespace P2P.YouServ.Hosting;

/// <summary>Counts what coordinators do. Whoever makes a meter from the same factory counts into the same instruments.</summary>
internal sealed class CoordinatorMetrics
{
    private static readonly Meter ProcessMeter = new(YouServTelemetry.MeterName);

    private readonly Counter<long> _signIns;
    private readonly Counter<long> _leaseRequests;
    private readonly Counter<long> _heartbeats;
    private readonly Counter<long> _leasesEnded;
    private readonly Counter<long> _handOvers;
    private readonly Counter<long> _probes;
    private readonly Histogram<double> _publishDuration;

    public CoordinatorMetrics(IMeterFactory? factory)
    {
        var meter = factory?.Create(new MeterOptions(YouServTelemetry.MeterName)) ?? ProcessMeter;
        _signIns = meter.CreateCounter<long>(YouServTelemetry.Prefix + "sign_ins", "{attempt}", "Attempts to sign in.");
        _leaseRequests = meter.CreateCounter<long>(YouServTelemetry.Prefix + "lease_requests", "{request}", "Peers that asked for their user's name.");
        _heartbeats = meter.CreateCounter<long>(YouServTelemetry.Prefix + "heartbeats", "{heartbeat}", "Heartbeats of peers.");
        _leasesEnded = meter.CreateCounter<long>(YouServTelemetry.Prefix + "leases_ended", "{lease}", "Peers that lost their user's name.");
        _handOvers = meter.CreateCounter<long>(YouServTelemetry.Prefix + "hand_overs", "{lease}", "Sites that a replica was found for.");
        _probes = meter.CreateCounter<long>(YouServTelemetry.Prefix + "probes", "{probe}", "Connections back to peers.");
        _publishDuration = meter.CreateHistogram<double>(YouServTelemetry.Prefix + "publish_duration", "s", "From reading changes in the store until DNS had them.");
    }

    public void SignIn(SignInResult result) => Count(_signIns, "outcome", result switch
    {
        SignInResult.SignedIn => "signed_in",
        SignInResult.TooManyAttempts => "too_many_attempts",
        SignInResult.Unavailable => "unavailable",
        _ => "refused",
    });

    public void LeaseRequest(LeaseResult result) => Count(_leaseRequests, "outcome", result switch
    {
        LeaseResult.Granted => "granted",
        LeaseResult.Unreachable => "unreachable",
        _ => "refused",
    });

    public void Heartbeat(bool isRenewed) => Count(_heartbeats, "outcome", isRenewed ? "renewed" : "too_late");

    public void LeaseReleased() => Count(_leasesEnded, "reason", "released");

    public void LeaseLapsed() => Count(_leasesEnded, "reason", "not_heard");

    public void LeaseLost() => Count(_leasesEnded, "reason", "not_reached");

    public void HandedOver() => _handOvers.Add(1);

    public void Probe(bool isReached) => Count(_probes, "outcome", isReached ? "reached" : "not_reached");

    public void Published(TimeSpan duration) => _publishDuration.Record(duration.TotalSeconds);

    private static void Count(Counter<long> counter, string tag, string value) => counter.Add(1, new KeyValuePair<string, object?>(tag, value));
}
