using System.Diagnostics;

namespace QuickStart;

/// <summary>Waits for what nobody tells about.</summary>
internal static class Waiting
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(50);

    /// <summary>Looks again and again until something holds.</summary>
    /// <param name="holds">Whether it does.</param>
    /// <param name="patience">For how long to look.</param>
    /// <param name="complaint">What to say when it does not come true.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="TimeoutException">It has not come true.</exception>
    public static async Task UntilAsync(Func<bool> holds, TimeSpan patience, Func<string> complaint, CancellationToken cancellationToken)
    {
        var watch = Stopwatch.StartNew();
        while (!holds())
        {
            if (watch.Elapsed > patience)
            {
                throw new TimeoutException(complaint());
            }

            await Task.Delay(Interval, cancellationToken);
        }
    }
}
