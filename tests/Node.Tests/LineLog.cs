namespace Node.Tests;

/// <summary>Keeps the lines that a process writes, and tells when one comes that is waited for.</summary>
internal sealed class LineLog
{
    private readonly Lock _gate = new();
    private readonly List<string> _lines = [];
    private TaskCompletionSource _more = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool _hasEnded;

    public IReadOnlyList<string> Lines
    {
        get
        {
            lock (_gate)
            {
                return [.. _lines];
            }
        }
    }

    /// <summary>Takes a line, or null at the end.</summary>
    public void Add(string? line)
    {
        TaskCompletionSource more;
        lock (_gate)
        {
            if (line is null)
            {
                _hasEnded = true;
            }
            else
            {
                _lines.Add(line);
            }

            more = _more;
            _more = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        more.SetResult();
    }

    /// <summary>Waits for a line with this text, which may have come already.</summary>
    public async Task<string> WaitForAsync(string text, CancellationToken cancellationToken)
    {
        while (true)
        {
            Task more;
            lock (_gate)
            {
                if (_lines.Find(line => line.Contains(text, StringComparison.Ordinal)) is { } line)
                {
                    return line;
                }

                Assert.False(_hasEnded, $"The process ended without a line with '{text}': {string.Join(Environment.NewLine, _lines)}");
                more = _more.Task;
            }

            await more.WaitAsync(cancellationToken);
        }
    }
}
