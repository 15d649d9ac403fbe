using System.Diagnostics;
using System.Text.Json;
using P2P.Pastry;
using P2P.Pastry.Tests.Transport.Crowd;

namespace Benchmarks.Hostile;

/// <summary>
/// Is the crowd in a process of its own, so that what the host costs is told apart from what the crowd does. It ends with its standard input.
/// </summary>
internal sealed class CrowdProcess : IDisposable
{
    private const string Verb = "hostile-crowd";
    private const int EnteringMax = 256;

    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(2);

    private readonly Process _process;

    private CrowdProcess(Process process) => _process = process;

    /// <summary>Starts a crowd against a listener.</summary>
    public static CrowdProcess Start(NodeAddress victim, int count)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!) { RedirectStandardInput = true, RedirectStandardOutput = true };
        if (Path.GetFileNameWithoutExtension(start.FileName) == "dotnet")
        {
            start.ArgumentList.Add(typeof(CrowdProcess).Assembly.Location);
        }

        string[] arguments = [Verb, victim.ToString(), $"{count}"];
        Array.ForEach(arguments, start.ArgumentList.Add);
        return new CrowdProcess(Process.Start(start)!);
    }

    /// <summary>Completes when each of the crowd has connected once.</summary>
    public Task WhenAllCameAsync() => _process.StandardOutput.ReadLineAsync();

    /// <summary>Lets the crowd go home, and hears what it did.</summary>
    public async Task<CrowdFigures> StopAsync()
    {
        _process.StandardInput.Close();
        var figures = await _process.StandardOutput.ReadToEndAsync();
        await _process.WaitForExitAsync();
        return JsonSerializer.Deserialize<CrowdFigures>(figures)!;
    }

    public void Dispose() => _process.Dispose();

    /// <summary>Is the crowd, where the arguments name it.</summary>
    /// <returns>False where they name something else.</returns>
    public static async Task<bool> TryRunAsync(string[] args)
    {
        if (args is not [Verb, var address, var count])
        {
            return false;
        }

        using var stopping = new CancellationTokenSource();
        _ = Task.Run(() =>
        {
            Console.In.ReadToEnd();
            stopping.Cancel();
        });
        Console.WriteLine(JsonSerializer.Serialize(await PressAsync(NodeAddress.Parse(address), int.Parse(count), stopping.Token)));
        return true;
    }

    private static async Task<CrowdFigures> PressAsync(NodeAddress victim, int count, CancellationToken stopping)
    {
        var crowd = new Intruder?[count];
        var next = new long[count];
        using var entering = new SemaphoreSlim(EnteringMax);
        var (attempts, peak) = (0, 0);
        for (var round = 0; !stopping.IsCancellationRequested; round++)
        {
            for (var index = 0; index < count && !stopping.IsCancellationRequested; index++)
            {
                if (crowd[index] is { IsOpen: true } intruder)
                {
                    await intruder.StepAsync();
                }
                else if (Volatile.Read(ref next[index]) <= Environment.TickCount64)
                {
                    // Turned away or thrown out: it comes again.
                    Volatile.Write(ref next[index], long.MaxValue);
                    attempts++;
                    await entering.WaitAsync(CancellationToken.None);
                    // The loop's own variable would have gone on by the time that the work begins.
                    var who = index;
                    _ = Task.Run(() => EnterAsync(who), CancellationToken.None);
                }
            }

            if (round == 0)
            {
                Console.WriteLine("all came");
            }

            peak = Math.Max(peak, crowd.Count(intruder => intruder is { IsOpen: true }));
            await Task.Delay(Step, CancellationToken.None);
        }

        Array.ForEach(crowd, intruder => intruder?.Dispose());
        return new CrowdFigures(attempts, peak);

        async Task EnterAsync(int index)
        {
            crowd[index]?.Dispose();
            var intruder = Intruders.Make(victim, index);
            await intruder.EnterAsync();
            crowd[index] = intruder;
            Volatile.Write(ref next[index], Environment.TickCount64 + (long)Pause.TotalMilliseconds);
            entering.Release();
        }
    }
}

/// <summary>Tells what a crowd did.</summary>
/// <param name="Attempts">How often somebody connected.</param>
/// <param name="PeakOpen">How many were connected at a time, as far as they knew.</param>
internal sealed record CrowdFigures(int Attempts, int PeakOpen);
