using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;

namespace Benchmarks.Site;

/// <summary>Asks a server for files one after the other over 64 connections, with wrk.</summary>
internal sealed partial class Load
{
    private const int Connections = 64;

    private readonly string _script;

    private Load(string script) => _script = script;

    public static Load? TryFind(string folder, string host, IEnumerable<string> files)
    {
        if (Programs.Find("wrk") is null)
        {
            return null;
        }

        var script = Path.Combine(folder, "load.lua");
        File.WriteAllText(
            script,
            $$"""
            local files = { {{string.Join(", ", files.Select(file => $"\"/{file}\""))}} }
            local requests, next = {}, 0
            wrk.headers["Host"] = "{{host}}"
            wrk.resolve = function(name, service) wrk.addrs = wrk.lookup("127.0.0.1", service) end
            init = function(args)
              for i, file in ipairs(files) do requests[i] = wrk.format("GET", file) end
            end
            request = function()
              next = next % #requests + 1
              return requests[next]
            end
            """);
        return new(script);
    }

    /// <summary>Asks, whatever name the address has: no resolver knows the sites.</summary>
    /// <returns>Requests a second, and what 99 of 100 took at most, in milliseconds.</returns>
    public async Task<(double Rate, double Latency)> RunAsync(Uri address, TimeSpan duration)
    {
        using var process = Process.Start(new ProcessStartInfo("wrk", ["-t1", $"-c{Connections}", $"-d{duration.TotalSeconds:0}s", "--latency", "-s", _script, address.ToString()])
        {
            RedirectStandardOutput = true,
        })!;
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        if (output.Contains("Non-2xx", StringComparison.Ordinal) || Rate().Match(output) is not { Success: true } rate || Latency().Match(output) is not { Success: true } latency)
        {
            throw new InvalidOperationException($"wrk did not get what it asked {address} for:\n{output}");
        }

        var unit = latency.Groups[2].Value switch
        {
            "us" => 0.001,
            "ms" => 1,
            _ => 1000,
        };
        return (double.Parse(rate.Groups[1].Value, CultureInfo.InvariantCulture), double.Parse(latency.Groups[1].Value, CultureInfo.InvariantCulture) * unit);
    }

    [GeneratedRegex(@"Requests/sec:\s+([\d.]+)")]
    private static partial Regex Rate();

    [GeneratedRegex(@"99%\s+([\d.]+)(us|ms|s)")]
    private static partial Regex Latency();
}
