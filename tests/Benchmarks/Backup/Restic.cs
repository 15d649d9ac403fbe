using System.Diagnostics;
using Benchmarks.Dns;

namespace Benchmarks.Backup;

/// <summary>Is the restic that is installed, with a repository in a folder and its cache, both as they come.</summary>
internal sealed class Restic : MeasuredTool
{
    private readonly string _program;
    private readonly string _cache;
    private string _repository = "";

    private Restic(string program, string cache)
        : base("restic, one copy")
    {
        _program = program;
        _cache = cache;
        Version = Run("version").Trim();
    }

    public string Version { get; }

    /// <summary>Gives null where it is not installed.</summary>
    public static Restic? TryFind(string cache) => Programs.Find("restic") is { } program ? new(program, cache) : null;

    public override void Begin(string folder)
    {
        _repository = folder;
        Run("init");
    }

    protected override IReadOnlyList<string> BackupArguments(string path) => ["backup", path];

    protected override ProcessStartInfo Start(IReadOnlyList<string> arguments)
    {
        var start = new ProcessStartInfo(_program, arguments);
        start.Environment["RESTIC_PASSWORD"] = "benchmark";
        start.Environment["RESTIC_REPOSITORY"] = _repository;
        start.Environment["RESTIC_CACHE_DIR"] = _cache;
        return start;
    }
}
