namespace NodeSample.Stopping;

/// <summary>Counts what users have under way, and lets nothing more in once the node is about to stop.</summary>
internal sealed class OperationGate
{
    private readonly Lock _gate = new();
    private readonly TaskCompletionSource _empty = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _running;
    private bool _isClosed;

    public int Running
    {
        get
        {
            lock (_gate)
            {
                return _running;
            }
        }
    }

    /// <summary>Lets an operation in; it leaves when what is returned is disposed of.</summary>
    /// <exception cref="FailedException">The node is stopping.</exception>
    public IDisposable Enter()
    {
        lock (_gate)
        {
            if (_isClosed)
            {
                throw new FailedException("The node is stopping, and begins nothing new; ask another one.");
            }

            _running++;
        }

        return new Place(this);
    }

    /// <summary>Lets nothing in any more; the task ends when all that was let in has left.</summary>
    public Task CloseAsync()
    {
        lock (_gate)
        {
            _isClosed = true;
            if (_running == 0)
            {
                _empty.TrySetResult();
            }
        }

        return _empty.Task;
    }

    private void Leave()
    {
        lock (_gate)
        {
            _running--;
            if (_isClosed && _running == 0)
            {
                _empty.TrySetResult();
            }
        }
    }

    private sealed class Place(OperationGate gate) : IDisposable
    {
        public void Dispose() => gate.Leave();
    }
}
