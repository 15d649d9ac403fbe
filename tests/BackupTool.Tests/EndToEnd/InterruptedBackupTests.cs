using System.Text.Json;

namespace BackupTool.Tests.EndToEnd;

public sealed class InterruptedBackupTests : IDisposable
{
    private const int LargeFiles = 4;
    private const int LargeBytes = 20_000_000;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [SkippableFact]
    public async Task What_a_killed_backup_has_stored_the_next_one_does_not_store_again()
    {
        Skip.If(OperatingSystem.IsWindows(), "A file without an end needs a disk that keeps no zeros.");
        var source = new Source(_folder.In("source"), LargeFiles, LargeBytes);
        var machine = await new Machine(_folder, "machine", "--local", _folder.In("ring")).BeginAsync("--replicas", "2");

        // With so much to read, it is in the middle of it whenever it is killed.
        using (var endless = File.Create(source.In("zeros")))
        {
            endless.SetLength(1L << 40);
        }

        var killed = await machine.RunAsync(["backup", source.Path], IsUnderWay);
        Assert.NotEqual(0, killed.ExitCode);
        Assert.DoesNotContain("summary", killed.Lines[^1], StringComparison.Ordinal);
        File.Delete(source.In("zeros"));

        var resumed = (await machine.RunAsync("backup", source.Path)).AssertEnded(ExitCode.Done);
        Assert.True(resumed["resumed_bytes"] >= LargeBytes / 2, resumed.ToString());
        Assert.InRange(resumed["stored_bytes"], 1, ((long)LargeFiles * LargeBytes) - resumed["resumed_bytes"] + 2_000_000);
        Assert.Equal(1, (await machine.RunAsync("check", "--read-data")).AssertEnded(ExitCode.Done)["snapshots"]);

        (await machine.RunAsync("restore", "latest", "--target", _folder.In("target"))).AssertEnded(ExitCode.Done);
        source.AssertRestored(_folder.In("target"));
    }

    private static bool IsUnderWay(string line)
    {
        var progress = JsonElement.Parse(line);
        return progress.GetProperty("type").GetString() == "progress" && progress.GetProperty("stored_bytes").GetInt64() > LargeBytes;
    }
}
