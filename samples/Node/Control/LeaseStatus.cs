using P2P.Pastry;

namespace NodeSample.Control;

/// <summary>Shows a promise between ring neighbours.</summary>
/// <param name="Peer">Who gave it, or to whom it was given.</param>
/// <param name="Side">On which side the other is, left or right; missing where it is waited for on behalf of a dead node.</param>
/// <param name="EndsInSeconds">How long it still lasts.</param>
/// <param name="Beside">Who else holds one, so that this one counts only together with that node's; often missing.</param>
internal sealed record LeaseStatus(string Peer, string? Side, double EndsInSeconds, string? Beside)
{
    public static LeaseStatus Of(LeaseSnapshot lease, Instant now) =>
        new(lease.Peer.ToString(), lease.Side is { } side ? Words.Of(side) : null, Math.Round((lease.Until - now).TotalSeconds, 3), lease.Beside?.ToString());
}
