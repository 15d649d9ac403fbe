using System.Diagnostics;
using System.Globalization;
using P2P.Pastry.Simulation;

namespace Pastry.Tests.Simulation;

public class DeterminismTests
{
    private const string HashFile = "P2P_TRACE_HASH_FILE";

    [Fact]
    public void The_same_seed_takes_the_same_course()
    {
        Assert.Equal(RunWithFaults(seed: 1), RunWithFaults(seed: 1));
        Assert.NotEqual(RunWithFaults(seed: 1), RunWithFaults(seed: 2));
    }

    /// <summary>Strings hash differently in every process, and code is compiled at other moments: nothing of that may decide.</summary>
    [Fact]
    public void The_same_seed_takes_the_same_course_in_another_process()
    {
        var file = Environment.GetEnvironmentVariable(HashFile);
        if (file is not null)
        {
            // This is the other process.
            File.WriteAllText(file, RunWithFaults(seed: 3).ToString(CultureInfo.InvariantCulture));
            return;
        }

        file = Path.GetTempFileName();
        try
        {
            var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true };
            foreach (var argument in (string[])
            [
                "vstest", typeof(DeterminismTests).Assembly.Location,
                $"/Tests:{typeof(DeterminismTests).FullName}.{nameof(The_same_seed_takes_the_same_course_in_another_process)}",
            ])
            {
                start.ArgumentList.Add(argument);
            }

            start.Environment[HashFile] = file;
            using var other = Process.Start(start)!;
            var output = other.StandardOutput.ReadToEnd();
            other.WaitForExit();
            Assert.True(other.ExitCode == 0, output);
            Assert.Equal(RunWithFaults(seed: 3).ToString(CultureInfo.InvariantCulture), File.ReadAllText(file));
        }
        finally
        {
            File.Delete(file);
        }
    }

    private static ulong RunWithFaults(ulong seed)
    {
        var simulation = new PastrySimulation(new PastrySimulationOptions { Seed = seed });
        simulation.Network.LossRate = 0.02;
        simulation.Network.Jitter = 0.3;
        simulation.Grow(80, applications: LookupExperiment.NewApplications);
        for (var i = 0; i < 10; i++)
        {
            simulation.Nodes[simulation.NextRandom(80)].Crash();
        }

        new LookupExperiment(simulation).Run(200, TimeSpan.FromMinutes(2), TimeSpan.FromMinutes(1));
        return simulation.TraceHash;
    }
}
