namespace P2P.Pastry;

/// <summary>Lets users wait until a node takes part in the ring, which it may do and cease to do several times before it ends.</summary>
/// <param name="options">Where those who wait go on.</param>
internal sealed class Readiness(TaskCreationOptions options)
{
    private readonly Lock _gate = new();
    private TaskCompletionSource _ready = new(options);
    private bool _hasEnded;

    public bool IsReady => _ready.Task.IsCompletedSuccessfully;

    public void Set(bool ready)
    {
        lock (_gate)
        {
            if (_hasEnded)
            {
                return;
            }

            if (ready)
            {
                _ready.TrySetResult();
            }
            else if (_ready.Task.IsCompleted)
            {
                _ready = new TaskCompletionSource(options);
            }
        }
    }

    /// <summary>Tells all who wait, and all who come later, that the node is never ready again.</summary>
    public void End(PastryException why)
    {
        lock (_gate)
        {
            if (_hasEnded)
            {
                return;
            }

            _hasEnded = true;
            if (_ready.Task.IsCompleted)
            {
                _ready = new TaskCompletionSource(options);
            }

            _ready.TrySetException(why);

            // Nobody has to wait.
            _ = _ready.Task.Exception;
        }
    }

    public async ValueTask WaitAsync(CancellationToken cancellationToken)
    {
        Task ready;
        lock (_gate)
        {
            ready = _ready.Task;
        }

        await ready.WaitAsync(cancellationToken).ConfigureAwait(false);
    }
}
