using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;

namespace Benchmarks.Dns;

/// <summary>Is what a server did under load.</summary>
/// <param name="QueriesPerSecond">How many queries it answered in a second.</param>
/// <param name="CpuMicroseconds">What one cost it, in time of a processor.</param>
/// <param name="Lost">How many it did not answer.</param>
internal sealed record QueryRun(double QueriesPerSecond, double CpuMicroseconds, long Lost);

/// <summary>Loads a server with queries, by dnsperf: 16 clients with 100 queries under way together, each answer followed by the next query.</summary>
internal sealed partial class QueryLoad
{
    private const int Clients = 16;

    private readonly string _program;
    private readonly string _queries;

    private QueryLoad(string program, string queries) => (_program, _queries) = (program, queries);

    /// <summary>Gives a load of a file's queries; null where dnsperf is not installed.</summary>
    public static QueryLoad? TryCreate(string queries) => Programs.Find("dnsperf") is { } program ? new QueryLoad(program, queries) : null;

    public async Task<QueryRun> RunAsync(IPEndPoint server, Process process, TimeSpan duration)
    {
        var arguments = string.Create(CultureInfo.InvariantCulture, $"-s {server.Address} -p {server.Port} -d {_queries} -l {duration.TotalSeconds:f0} -c {Clients} -q 100 -T 1");
        process.Refresh();
        var before = process.TotalProcessorTime;
        using var load = Process.Start(new ProcessStartInfo(_program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var output = await load.StandardOutput.ReadToEndAsync();
        await load.WaitForExitAsync();
        process.Refresh();
        var cpu = process.TotalProcessorTime - before;
        var completed = Figure(Completed(), output);
        return new QueryRun(Figure(PerSecond(), output), cpu.TotalMicroseconds / completed, (long)Figure(LostQueries(), output));
    }

    private static double Figure(Regex line, string output) =>
        line.Match(output) is { Success: true } match
            ? double.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture)
            : throw new InvalidOperationException($"dnsperf said something else:\n{output}");

    [GeneratedRegex(@"Queries per second:\s+([\d.]+)")]
    private static partial Regex PerSecond();

    [GeneratedRegex(@"Queries completed:\s+(\d+)")]
    private static partial Regex Completed();

    [GeneratedRegex(@"Queries lost:\s+(\d+)")]
    private static partial Regex LostQueries();
}
