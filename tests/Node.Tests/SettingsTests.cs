using System.CommandLine;
using NodeSample;
using NodeSample.Settings;
using P2P.Pastry;

namespace Node.Tests;

public sealed class SettingsTests : IDisposable
{
    private readonly Workplace _work = new();

    public void Dispose()
    {
        Environment.SetEnvironmentVariable("P2P_CAPACITY", null);
        Environment.SetEnvironmentVariable("P2P_HEARTBEAT", null);
        _work.Dispose();
    }

    [Fact]
    public void The_command_line_goes_before_the_environment_and_that_before_the_file()
    {
        var file = _work.PathOf("node.json");
        File.WriteAllText(file, """{ "Capacity": "1MB", "Heartbeat": "1s", "LeafSetSize": 16, "Bootstrap": ["a:1", "b:2"], "Listen": ["c:3", "d:4"] }""");
        Environment.SetEnvironmentVariable("P2P_CAPACITY", "2MB");
        Environment.SetEnvironmentVariable("P2P_HEARTBEAT", "2s");

        var settings = Read("--config", file, "--capacity", "3MB", "--listen", "e:5");

        Assert.Equal(3_000_000, settings.CapacityBytes);
        Assert.Equal(TimeSpan.FromSeconds(2), settings.Pastry.HeartbeatInterval);
        Assert.Equal(16, settings.Pastry.LeafSetSize);
        Assert.Equal([new NodeAddress("a", 1), new NodeAddress("b", 2)], settings.Bootstraps.AsEnumerable());
        Assert.Equal([new NodeAddress("e", 5)], settings.Listen.AsEnumerable());
    }

    [Fact]
    public void Addresses_may_be_of_both_families()
    {
        var settings = Read("--listen", "[::1]:4711", "--listen", "127.0.0.1:4712", "--advertise", "[2001:db8::1]:80,node.example:81", "--bootstrap", "[::1]:4713");

        Assert.Equal([new NodeAddress("::1", 4711), new NodeAddress("127.0.0.1", 4712)], settings.Listen.AsEnumerable());
        Assert.Equal([new NodeAddress("2001:db8::1", 80), new NodeAddress("node.example", 81)], settings.Advertise.AsEnumerable());
        Assert.Equal([new NodeAddress("::1", 4713)], settings.Bootstraps.AsEnumerable());
    }

    [Fact]
    public void Defaults_are_those_of_the_library()
    {
        var settings = Read();

        Assert.Equal(new PastryOptions(), settings.Pastry);
        Assert.Equal(new P2P.Past.PastOptions(), settings.Past);
    }

    [Fact]
    public void A_file_with_an_unknown_setting_is_refused()
    {
        var file = _work.PathOf("node.json");
        File.WriteAllText(file, """{ "Capcity": "1MB" }""");

        Assert.Contains("Capcity", Assert.Throws<UsageException>(() => Read("--config", file)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("10GB", 10_000_000_000)]
    [InlineData("1.5 KiB", 1536)]
    [InlineData("7b", 7)]
    public void Sizes_are_read_as_people_write_them(string text, long bytes) => Assert.Equal(bytes, ValueFormats.Size(text));

    [Theory]
    [InlineData("250ms", 250)]
    [InlineData("1.5s", 1500)]
    [InlineData("2min", 120_000)]
    public void Durations_are_read_as_people_write_them(string text, int milliseconds) =>
        Assert.Equal(TimeSpan.FromMilliseconds(milliseconds), ValueFormats.Duration(text));

    private static NodeSettings Read(params string[] arguments)
    {
        var command = new RootCommand { SettingsSources.ConfigOption };
        foreach (var setting in NodeSettings.All)
        {
            command.Options.Add(setting.Option);
        }

        return NodeSettings.Read(SettingsSources.Load(command.Parse(arguments)));
    }
}
