using System.Diagnostics.Metrics;
using P2P.YouServ.Protocol;

namespace P2P.YouServ.Hosting;

/// <summary>Counts what peers do beyond what the web server counts itself.</summary>
internal sealed class PeerMetrics
{
    private static readonly Meter ProcessMeter = new(YouServTelemetry.MeterName);

    private readonly Counter<long> _refusals;
    private readonly Counter<long> _stateChanges;

    public PeerMetrics(IMeterFactory? factory)
    {
        var meter = factory?.Create(new MeterOptions(YouServTelemetry.MeterName)) ?? ProcessMeter;
        _refusals = meter.CreateCounter<long>(YouServTelemetry.Prefix + "refusals", "{request}", "Requests for what is not open to whoever asks.");
        _stateChanges = meter.CreateCounter<long>(YouServTelemetry.Prefix + "peer_state_changes", "{change}", "How peers came to fare.");
    }

    public void Refuse(AccessDecision decision) =>
        _refusals.Add(1, new KeyValuePair<string, object?>("reason", decision == AccessDecision.SignInFirst ? "sign_in_first" : "not_open"));

    public void Become(PeerState state) => _stateChanges.Add(1, new KeyValuePair<string, object?>("state", state switch
    {
        PeerState.Serving => "serving",
        PeerState.Connecting => "connecting",
        PeerState.Unreachable => "unreachable",
        PeerState.Replaced => "replaced",
        _ => "signed_out",
    }));
}
