using QuickStart.Report;
using Shared.Tests;

namespace QuickStart.Tests;

/// <summary>Is the quick start as a process of its own.</summary>
internal sealed class TourProcess : SampleProcess
{
    private TourProcess(string? temporary, IEnumerable<string> arguments)
        : base(typeof(TourReport).Assembly, [.. arguments, "--unattended"], temporary)
    {
    }

    /// <param name="temporary">The folder that it takes for temporary ones; null for the system's.</param>
    /// <param name="arguments">The command line.</param>
    public static TourProcess Start(string? temporary, params IEnumerable<string> arguments) => new(temporary, arguments);

    /// <summary>Waits for the dashboard's address.</summary>
    public async Task<Uri> PageAsync(CancellationToken cancellationToken) => new((await Output.WaitForAsync("The ring is at", cancellationToken)).Split(' ')[^1]);
}
