using P2P.Past;

namespace NodeSample.Stopping;

/// <summary>Hands all that the node holds to others, so that it can leave for good. Once begun, it goes on until the node is started anew.</summary>
internal sealed class Retirement(PastStore past)
{
    private volatile bool _hasBegun;

    public bool HasBegun => _hasBegun;

    /// <summary>Begins, or goes on waiting where it has begun.</summary>
    /// <returns>How many replicas were held.</returns>
    /// <exception cref="FailedException">It takes longer than that; the message tells how many replicas are left.</exception>
    public async Task<int> RunAsync(TimeSpan limit, CancellationToken cancellationToken)
    {
        _hasBegun = true;
        var held = past.Replicas.Usage.Count;
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        either.CancelAfter(limit);
        try
        {
            await past.RetireAsync(either.Token);
            return held;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            var left = past.Replicas.Usage.Count;
            throw new FailedException(
                $"Others do not hold all of {left} of {held} files yet: the ring has too few other nodes for them, these have no room, or it takes longer. "
                + "The node goes on handing them over; ask again later, or start it anew to keep it.");
        }
    }
}
