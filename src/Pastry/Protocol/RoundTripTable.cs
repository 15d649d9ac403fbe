namespace P2P.Pastry.Protocol;

/// <summary>
/// Estimates round trips to the peers that are talked to, as TCP does: mean and mean deviation, smoothed. A small table indexed by id, in
/// which a newer peer may overwrite another; who is not in it gets the initial time-out.
/// </summary>
internal sealed class RoundTripTable
{
    private const int Slots = 128;

    private Estimate[] _estimates = [];

    public float Mean(NodeId id) => Find(id) is { MeanMs: > 0 } estimate ? estimate.MeanMs : float.NaN;

    /// <summary>Gives the time within which an answer is expected: mean + 4 · deviation, no less than the allowance.</summary>
    public TimeSpan TimeOut(NodeId id, PastryOptions options)
    {
        var estimate = Find(id);
        if (estimate.MeanMs <= 0)
        {
            return options.HopTimeoutInitial;
        }

        var allowance = TimeSpan.FromMilliseconds(4 * estimate.DeviationMs);
        var timeOut = TimeSpan.FromMilliseconds(estimate.MeanMs) + (allowance < options.HopAllowanceMin ? options.HopAllowanceMin : allowance);
        return timeOut < options.HopTimeoutMax ? timeOut : options.HopTimeoutMax;
    }

    public void Observe(NodeId id, TimeSpan roundTrip)
    {
        if (_estimates.Length == 0)
        {
            _estimates = new Estimate[Slots];
        }

        var sample = Math.Max((float)roundTrip.TotalMilliseconds, 0.001f);
        ref var estimate = ref _estimates[IndexOf(id)];
        estimate = estimate.Tag == TagOf(id) && estimate.MeanMs > 0
            ? new Estimate(
                TagOf(id),
                estimate.MeanMs + (sample - estimate.MeanMs) / 8,
                estimate.DeviationMs + (Math.Abs(sample - estimate.MeanMs) - estimate.DeviationMs) / 4)
            : new Estimate(TagOf(id), sample, sample / 2);
    }

    private Estimate Find(NodeId id) => _estimates.Length > 0 && _estimates[IndexOf(id)] is var estimate && estimate.Tag == TagOf(id) ? estimate : default;

    private static int IndexOf(NodeId id) => (int)((uint)id.Value % Slots);

    private static uint TagOf(NodeId id) => (uint)(id.Value >> 64);

    private readonly record struct Estimate(uint Tag, float MeanMs, float DeviationMs);
}
