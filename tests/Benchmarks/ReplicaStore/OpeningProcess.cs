using System.Diagnostics;
using System.Text.Json;
using P2P.Past;

namespace Benchmarks.ReplicaStore;

/// <summary>Opens a store in a process of its own, so that nothing is warm and no memory is counted but the store's.</summary>
internal static class OpeningProcess
{
    private const string Verb = "replica-store-opening";

    /// <summary>Opens the store and tells what that took.</summary>
    public static async Task<OpeningFigures> RunAsync(string directory)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!) { RedirectStandardOutput = true };
        if (Path.GetFileNameWithoutExtension(start.FileName) == "dotnet")
        {
            start.ArgumentList.Add(typeof(OpeningProcess).Assembly.Location);
        }

        string[] arguments = [Verb, directory];
        Array.ForEach(arguments, start.ArgumentList.Add);
        using var process = Process.Start(start)!;
        var figures = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return JsonSerializer.Deserialize<OpeningFigures>(figures)!;
    }

    /// <summary>Is that process, where the arguments name it.</summary>
    /// <returns>False where they name something else.</returns>
    public static async Task<bool> TryRunAsync(string[] args)
    {
        if (args is not [Verb, var directory])
        {
            return false;
        }

        var before = Memory();
        var start = Stopwatch.GetTimestamp();
        await using var store = await DiskReplicaStore.OpenAsync(new() { Directory = directory, CapacityBytes = long.MaxValue });
        var elapsed = Stopwatch.GetElapsedTime(start);
        Console.WriteLine(JsonSerializer.Serialize(new OpeningFigures(elapsed.TotalSeconds, Memory() - before, store.Usage.Count)));
        return true;
    }

    /// <summary>Counts all that the process takes, SQLite's share included.</summary>
    private static long Memory()
    {
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        using var self = Process.GetCurrentProcess();
        return self.WorkingSet64;
    }
}

/// <summary>Tells what opening a store took.</summary>
/// <param name="Seconds">How long it took, in a process that had done nothing before.</param>
/// <param name="Bytes">By how much the process has grown.</param>
/// <param name="Count">How many replicas the store holds.</param>
internal sealed record OpeningFigures(double Seconds, long Bytes, int Count);
