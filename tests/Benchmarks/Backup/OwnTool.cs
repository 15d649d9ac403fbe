using System.Diagnostics;
using System.Text.Json;

namespace Benchmarks.Backup;

/// <summary>Is the sample BackupTool with the ring of five nodes that it brings along, and three replicas of all, as it comes.</summary>
internal sealed class OwnTool() : MeasuredTool("BackupTool, 5 nodes, k = 3")
{
    private static readonly string Program = FindProgram();

    private string _ring = "";
    private string _repository = "";

    public override void Begin(string folder)
    {
        _ring = folder;
        _repository = "";
        using var summary = JsonDocument.Parse(Run("init", "--json").TrimEnd().Split('\n')[^1]);
        _repository = summary.RootElement.GetProperty("repository").GetString()!;
    }

    protected override IReadOnlyList<string> BackupArguments(string path) => ["backup", path];

    protected override ProcessStartInfo Start(IReadOnlyList<string> arguments)
    {
        var start = new ProcessStartInfo("dotnet", [Program, "--local", _ring, .. arguments]);
        start.Environment["P2P_BACKUP_PASSPHRASE"] = "benchmark";
        start.Environment["P2P_BACKUP_REPOSITORY"] = _repository;
        return start;
    }

    /// <summary>Projects are built into folders of their names, each with a folder of the configuration's.</summary>
    private static string FindProgram()
    {
        var own = new DirectoryInfo(AppContext.BaseDirectory);
        return Path.Combine(own.Parent!.Parent!.FullName, "BackupTool", own.Name, "BackupTool.dll");
    }
}
