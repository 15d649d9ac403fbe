using System.Diagnostics;

namespace Benchmarks.Backup;

/// <summary>Is a backup tool with a repository that is begun anew for each round; what it takes is the whole process's time.</summary>
internal abstract class MeasuredTool(string name)
{
    public string Name { get; } = name;

    /// <summary>The seconds that each step took, by the round.</summary>
    public Dictionary<Step, List<double>> Seconds { get; } = Enum.GetValues<Step>().ToDictionary(step => step, _ => new List<double>());

    /// <summary>The bytes that the repositories have taken on the disk in the end, by the round.</summary>
    public List<double> StoredBytes { get; } = [];

    /// <summary>The first thing in which a restored tree differs from what was backed up; null where none does.</summary>
    public string? Difference { get; set; }

    /// <summary>Begins a repository.</summary>
    public abstract void Begin(string folder);

    public void Backup(Step step, string path) => Seconds[step].Add(Timed(BackupArguments(path)));

    public void Check() => Seconds[Step.Check].Add(Timed(["check", "--read-data"]));

    public void Restore(string target) => Seconds[Step.Restore].Add(Timed(["restore", "latest", "--target", target]));

    public void Weigh(string folder) => StoredBytes.Add(new DirectoryInfo(folder).EnumerateFiles("*", SearchOption.AllDirectories).Sum(file => file.Length));

    protected abstract IReadOnlyList<string> BackupArguments(string path);

    protected abstract ProcessStartInfo Start(IReadOnlyList<string> arguments);

    /// <summary>Gives what a command prints.</summary>
    protected string Run(params string[] arguments)
    {
        var start = Start(arguments);
        start.RedirectStandardOutput = true;
        start.RedirectStandardError = true;
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0
            ? output
            : throw new InvalidOperationException($"{Name} {string.Join(' ', arguments)} ended with {process.ExitCode}: {errors.Result}{output}");
    }

    private double Timed(IReadOnlyList<string> arguments)
    {
        WriteBack();
        var started = Stopwatch.GetTimestamp();
        Run([.. arguments]);
        return Stopwatch.GetElapsedTime(started).TotalSeconds;
    }

    /// <summary>Has the disk written what others have left in memory, which would slow this step.</summary>
    private static void WriteBack()
    {
        if (!OperatingSystem.IsWindows())
        {
            using var sync = Process.Start("sync");
            sync.WaitForExit();
        }
    }
}
