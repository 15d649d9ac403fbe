using System.CommandLine;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Microsoft.Extensions.Configuration;
using NodeSample.Commands;
using NodeSample.Settings;

namespace Node.Tests;

/// <summary>The files by which systemd and containers run the program say what the program understands.</summary>
public sealed class DeployTests
{
    [Fact]
    public void The_unit_starts_the_program_with_options_that_it_has()
    {
        var words = Value(Unit(), "ExecStart").Split(' ');
        Assert.Equal(["/usr/bin/dotnet", "/opt/p2p-node/Node.dll"], words[..2]);
        var arguments = NodeCommand.Create().Parse(words[2..]);
        Assert.Empty(arguments.Errors);

        var settings = NodeSettings.Read(SettingsSources.Load(arguments));
        Assert.Equal($"/var/lib/{Value(Unit(), "StateDirectory")}", settings.Data);
        Assert.Equal("127.0.0.1", settings.Health?.Host);
    }

    [Fact]
    public void The_unit_gives_the_node_more_time_to_stop_than_it_takes()
    {
        var words = Value(Unit(), "ExecStart").Split(' ');
        var settings = NodeSettings.Read(SettingsSources.Load(NodeCommand.Create().Parse(words[2..])));
        var defaults = NodeSettings.Read(new ConfigurationBuilder().Build());
        var given = ValueFormats.Duration(Value(Unit(), "TimeoutStopSec"));
        Assert.True(given > settings.Drain + RunCommand.FarewellTime, $"{given}");
        Assert.True(given > defaults.Drain + RunCommand.FarewellTime, $"{given}");
    }

    [Fact]
    public void The_unit_hides_and_forbids_nothing_that_the_program_needs()
    {
        // .NET sets processors of threads, and finds out by its parent's name that systemd waits for its word.
        var settings = Unit().Split('\n').Where(line => !line.StartsWith('#')).ToArray();
        Assert.Equal("notify", Value(Unit(), "Type"));
        Assert.DoesNotContain(settings, line => line.StartsWith("ProtectProc=", StringComparison.Ordinal));
        Assert.DoesNotContain(settings, line => line.StartsWith("SystemCallFilter=~", StringComparison.Ordinal) && line.Contains("@resources", StringComparison.Ordinal));
        Assert.DoesNotContain(settings, line => line.StartsWith("MemoryDenyWriteExecute=yes", StringComparison.Ordinal));
    }

    [Fact]
    public void The_unit_s_environment_names_settings()
    {
        var named = Deployed("p2p-node.env").Split('\n').Select(line => line.TrimStart('#')).Where(line => line.StartsWith("P2P_", StringComparison.Ordinal)).ToArray();
        Assert.NotEmpty(named);
        Assert.All(named, line => AssertIsSetting(line[..line.IndexOf('=', StringComparison.Ordinal)]));
    }

    [Fact]
    public void The_container_starts_the_program_and_asks_it_how_it_is()
    {
        var file = Deployed("Containerfile");
        foreach (var words in (string[][])[Words(file, "\nENTRYPOINT "), Words(file, " CMD ")])
        {
            Assert.Equal(["dotnet", "/program/Node.dll"], words[..2]);
            Assert.Empty(NodeCommand.Create().Parse(words[2..]).Errors);
        }

        var environment = file.Split(' ', '\n').Where(word => word.StartsWith("P2P_", StringComparison.Ordinal)).ToArray();
        Assert.NotEmpty(environment);
        Assert.All(environment, word => AssertIsSetting(word[..word.IndexOf('=', StringComparison.Ordinal)]));
        Assert.Contains("\nSTOPSIGNAL SIGTERM\n", file, StringComparison.Ordinal);
        Assert.Contains("\nUSER $APP_UID\n", file, StringComparison.Ordinal);
    }

    [Fact]
    public void The_container_is_built_with_all_files_that_the_build_reads_on_its_way_up_the_tree()
    {
        var lines = Deployed("Containerfile").Split('\n');
        var copied = lines.Where(line => line.StartsWith("COPY ", StringComparison.Ordinal) && !line.Contains("--from", StringComparison.Ordinal))
            .Select(line => line.Split(' ')[1..]).SelectMany(words => words[..^1]).ToArray();
        var root = Path.GetFullPath(At("../../.."));
        foreach (var folder in (string[])["samples/Node", "samples", "src", "."])
        {
            foreach (var file in Directory.GetFiles(Path.Combine(root, folder), "Directory.*").Select(path => Path.GetRelativePath(root, path).Replace('\\', '/')))
            {
                Assert.True(copied.Any(path => file == path || file.StartsWith(path + "/", StringComparison.Ordinal)), $"{file} is not copied.");
            }
        }

        Assert.Contains(lines, line => line.StartsWith("#   podman build --format docker ", StringComparison.Ordinal));
    }

    private static void AssertIsSetting(string variable) =>
        Assert.Contains(NodeSettings.All, setting => variable == $"P2P_{setting.Key.ToUpperInvariant()}");

    private static string[] Words(string file, string before)
    {
        var begin = file.IndexOf(before, StringComparison.Ordinal) + before.Length;
        return JsonSerializer.Deserialize<string[]>(file[begin..file.IndexOf('\n', begin)])!;
    }

    private static string Unit() => Deployed("p2p-node.service");

    private static string Value(string unit, string key) =>
        Assert.Single(unit.Split('\n'), line => line.StartsWith($"{key}=", StringComparison.Ordinal))[(key.Length + 1)..];

    private static string Deployed(string name) => File.ReadAllText(At(name));

    private static string At(string path, [CallerFilePath] string here = "") => Path.Combine(Path.GetDirectoryName(here)!, "../../samples/Node/deploy", path);
}
