using Microsoft.Extensions.Hosting;
using P2P.Past;

namespace NodeSample.Stopping;

/// <summary>
/// Hands all that the node holds to others, so that it can leave for good. Once begun, it goes on until the node is started anew; when it is done, the node stops, whether or not anybody still
/// waits to hear of it.
/// </summary>
internal sealed class Retirement(PastStore past, IHostApplicationLifetime lifetime)
{
    private readonly Lock _gate = new();
    private Task? _begun;
    private int _held;

    public bool HasBegun
    {
        get
        {
            lock (_gate)
            {
                return _begun is not null;
            }
        }
    }

    /// <summary>Begins, or goes on waiting where it has begun.</summary>
    /// <returns>How many replicas were held.</returns>
    /// <exception cref="FailedException">It takes longer than that; the message tells how many replicas are left.</exception>
    public async Task<int> RunAsync(TimeSpan limit, CancellationToken cancellationToken)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        either.CancelAfter(limit);
        try
        {
            await BeginOnce().WaitAsync(either.Token);
            return _held;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            var left = past.Replicas.Usage.Count;
            throw new FailedException(
                $"Others do not hold all of {left} of {_held} files yet: the ring has too few other nodes for them, these have no room, or it takes longer. "
                + "The node goes on handing them over, and stops when that is done; ask again later, or start it anew to keep it.");
        }
    }

    private Task BeginOnce()
    {
        lock (_gate)
        {
            if (_begun is null)
            {
                _held = past.Replicas.Usage.Count;
                _begun = past.RetireAsync(CancellationToken.None).AsTask();
                _ = StopAfterAsync(_begun);
            }

            return _begun;
        }
    }

    private async Task StopAfterAsync(Task retiring)
    {
        await retiring.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

        // Where it failed, the node has stopped already.
        lifetime.StopApplication();
    }
}
