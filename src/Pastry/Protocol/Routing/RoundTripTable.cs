namespace P2P.Pastry.Protocol;

/// <summary>
/// Estimates round trips to the peers that are talked to, as TCP does: mean and mean deviation, smoothed. A small table of sets of four
/// peers, in which a newer one may overwrite another; who is not in it is expected to be like the others were when they were met.
/// </summary>
internal sealed class RoundTripTable
{
    private const int Sets = 32, SetSize = 4;
    private const float LongestMs = 60_000;

    /// <summary>So many measurements tell what is usual.</summary>
    private const int UsualMin = 16;

    private Estimate[] _estimates = [];
    private uint _victim;
    private int _met;
    private float _usualMs;
    private float _usualDeviationMs;

    /// <summary>What a round trip to a peer takes when it is met: the way, and hardly any waiting.</summary>
    public TimeSpan Usual => TimeSpan.FromMilliseconds(_usualMs);

    public float Mean(NodeId id) => Find(id) is { MeanMs: > 0 } estimate ? estimate.MeanMs : float.NaN;

    /// <summary>Gives the time within which an answer is expected: mean + 4 · deviation, no less than the allowance.</summary>
    /// <param name="id">The peer.</param>
    /// <param name="firstMs">A single measurement that is known from elsewhere, or NaN.</param>
    /// <param name="options">The node's options.</param>
    public TimeSpan TimeOut(NodeId id, float firstMs, PastryOptions options)
    {
        var estimate = Find(id);
        if (estimate.MeanMs <= 0 && firstMs > 0)
        {
            estimate = Estimate.Of(id, firstMs, firstMs / 2);
        }

        if (estimate.MeanMs <= 0)
        {
            return _met < UsualMin ? options.HopTimeoutInitial : TimeOut(_usualMs, _usualDeviationMs, options.HopAllowanceMin, options.HopTimeoutInitial);
        }

        return TimeOut(estimate.MeanMs, estimate.DeviationMs, options.HopAllowanceMin, options.HopTimeoutMax);
    }

    /// <summary>Takes a measurement.</summary>
    /// <returns>True where it is the first one of this peer.</returns>
    public bool Observe(NodeId id, TimeSpan roundTrip)
    {
        if (_estimates.Length == 0)
        {
            _estimates = new Estimate[Sets * SetSize];
        }

        var sample = Math.Clamp((float)roundTrip.TotalMilliseconds, 0.001f, LongestMs);
        ref var estimate = ref Place(id);
        var isFirst = estimate.Tag != TagOf(id) || estimate.MeanMs <= 0;
        if (isFirst)
        {
            // Those that are spoken with all the time are nearer than strangers are.
            NoteUsual(sample);
        }

        estimate = isFirst
            ? Estimate.Of(id, sample, sample / 2)
            : Estimate.Of(
                id,
                estimate.MeanMs + (sample - estimate.MeanMs) / 8,
                estimate.DeviationMs + (Math.Abs(sample - estimate.MeanMs) - estimate.DeviationMs) / 4);
        return isFirst;
    }

    /// <summary>
    /// Takes it that a known peer has not answered within a time. The next ones get twice as long: what is late is never measured, and a peer
    /// that is slower than it was would be sent everything again, and be slower still.
    /// </summary>
    public void Missed(NodeId id, TimeSpan waited)
    {
        if (Find(id) is { MeanMs: > 0 } estimate)
        {
            var deviation = (2 * (float)waited.TotalMilliseconds - estimate.MeanMs) / 4;
            Place(id) = Estimate.Of(id, estimate.MeanMs, Math.Max(estimate.DeviationMs, deviation));
        }
    }

    private static TimeSpan TimeOut(float meanMs, float deviationMs, TimeSpan allowanceMin, TimeSpan max)
    {
        var allowance = TimeSpan.FromMilliseconds(4 * deviationMs);
        var timeOut = TimeSpan.FromMilliseconds(meanMs) + (allowance < allowanceMin ? allowanceMin : allowance);
        return timeOut < max ? timeOut : max;
    }

    private void NoteUsual(float sampleMs)
    {
        // The mean of all, as long as they are few, and then of about the last sixty-four.
        _met = Math.Min(_met + 1, 64);
        _usualDeviationMs += ((_met == 1 ? sampleMs / 2 : Math.Abs(sampleMs - _usualMs)) - _usualDeviationMs) / _met;
        _usualMs += (sampleMs - _usualMs) / _met;
    }

    private Estimate Find(NodeId id)
    {
        if (_estimates.Length > 0)
        {
            foreach (var estimate in SetOf(id))
            {
                if (estimate.Tag == TagOf(id))
                {
                    return estimate;
                }
            }
        }

        return default;
    }

    /// <summary>Finds the place of a peer, or an empty one, or one that another has to leave.</summary>
    private ref Estimate Place(NodeId id)
    {
        var set = SetOf(id);
        var place = (int)(_victim++ % SetSize);
        for (var i = 0; i < set.Length; i++)
        {
            if (set[i].Tag == TagOf(id))
            {
                return ref set[i];
            }

            place = set[i].MeanMs <= 0 ? i : place;
        }

        return ref set[place];
    }

    private Span<Estimate> SetOf(NodeId id) => _estimates.AsSpan((int)((uint)id.Value % Sets) * SetSize, SetSize);

    private static uint TagOf(NodeId id) => (uint)(id.Value >> 96) ^ (uint)(id.Value >> 64);

    // Three digits are enough for a time-out, and a node keeps many of these.
    private readonly record struct Estimate(uint Tag, Half Mean, Half Deviation)
    {
        public float MeanMs => (float)Mean;

        public float DeviationMs => (float)Deviation;

        public static Estimate Of(NodeId id, float meanMs, float deviationMs) =>
            new(TagOf(id), (Half)Math.Clamp(meanMs, 0.001f, LongestMs), (Half)Math.Clamp(deviationMs, 0, LongestMs));
    }
}
