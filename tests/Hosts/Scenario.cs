using System.Globalization;
using Hosts.Network;
using Hosts.Steps;
using NodeSample;

namespace Hosts;

/// <summary>Is what happens to a ring of hosts, step by step; what each step leaves is where the next begins.</summary>
internal static class Scenario
{
    public const int StepCount = 5;

    /// <summary>How long a step may take: what has not come by then does not come any more.</summary>
    private static readonly TimeSpan StepLimit = TimeSpan.FromMinutes(3);

    /// <summary>Runs all steps, up to the first that fails, and tells how they went.</summary>
    /// <returns>True where all passed.</returns>
    public static async Task<bool> RunAsync(CancellationToken cancellationToken)
    {
        using var folder = new ScratchFolder();
        using var ring = new Ring(folder.Path);
        return await RunAsync(ring, new Files(folder.Path), cancellationToken);
    }

    private static async Task<bool> RunAsync(Ring ring, Files files, CancellationToken cancellationToken)
    {
        var stored = new List<StoredFile>();
        var figures = new Figures();
        Step[] steps =
        [
            new Formation(ring, files, stored),
            new Loss(ring, files, stored),
            new Bottleneck(ring, files, stored),
            new Partition(ring, files, stored),
            new Restart(ring, files, stored),
        ];
        var passed = 0;
        while (passed < steps.Length && await PassesAsync(steps[passed], ring, figures, cancellationToken))
        {
            passed++;
        }

        var failed = passed < steps.Length ? 1 : 0;
        figures.Add("passed", passed);
        figures.Add("failed", failed);
        var skipped = steps.Length - passed - failed;
        Console.WriteLine(figures.ToJson());
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{passed} passed, {failed} failed{(skipped > 0 ? $", {skipped} skipped" : "")}"));
        return failed == 0;
    }

    private static async Task<bool> PassesAsync(Step step, Ring ring, Figures figures, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(StepLimit);
        try
        {
            await step.RunAsync(figures, limit.Token);
            Console.WriteLine($"ok: {step.Claim} ({figures.TakeOfStep()})");
            return true;
        }
        catch (Exception exception) when (exception is FailedException or ToolException or OperationCanceledException)
        {
            var reason = exception is OperationCanceledException ? "it has not come true in time." : exception.Message;
            Console.WriteLine($"FAILED: {step.Claim}: {reason} ({figures.TakeOfStep()})");
            foreach (var line in await ring.DescribeAsync())
            {
                Console.WriteLine($"    {line}");
            }

            return false;
        }
    }
}
