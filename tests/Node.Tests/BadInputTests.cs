using System.Net;
using System.Net.Sockets;
using NodeSample;

namespace Node.Tests;

public sealed class BadInputTests(LoneNode lone) : IClassFixture<LoneNode>
{
    private readonly Workplace _work = lone.Work;

    [Theory]
    [InlineData("run --data fresh --bootstrap nowhere", "'nowhere' is not an address")]
    [InlineData("run --data fresh --bootstrap 127.0.0.1:0", "port 0")]
    [InlineData("run --data fresh --capacity 10", "'10' is not a size")]
    [InlineData("run --data fresh --leaf-set-size 3", "LeafSetSize is 3")]
    [InlineData("run --data fresh --config missing.json", "missing.json")]
    [InlineData("run --data fresh --run-broker perhaps", "'perhaps' is neither yes nor no")]
    [InlineData("run --data fresh --contribute 1MB", "say with --broker")]
    [InlineData("run --data fresh --contribute 2MB --capacity 1MB --run-broker yes", "can't contribute more than its capacity")]
    [InlineData("get 1234 --out fresh --data node", "'1234' is not a file id")]
    [InlineData("put content --replicas 0 --data node", "from 1 to 64")]
    [InlineData("give", "'give' is not understood")]
    public async Task What_makes_no_sense_is_a_usage_error(string arguments, string reason)
    {
        (await _work.RunAsync(arguments.Split(' '))).AssertFailed(ExitCode.Usage, reason);

        Assert.False(Path.Exists(_work.PathOf("fresh")));
    }

    [Theory]
    [InlineData("status --data nobody", "No node runs")]
    [InlineData("put missing --data node", "does not exist")]
    [InlineData("get 0123456789012345678901234567890123456789 --out fresh --data node", "No node holds")]
    [InlineData("quota --data node", "asks no broker")]
    [InlineData("run --data node", "used by another process")]
    public async Task What_can_not_be_done_is_said(string arguments, string reason)
    {
        (await _work.RunAsync(arguments.Split(' '))).AssertFailed(ExitCode.Failed, reason);

        Assert.False(Path.Exists(_work.PathOf("fresh")));
        Assert.False(lone.Node.HasExited);
    }

    [Fact]
    public async Task A_port_in_use_is_said() =>
        (await _work.RunAsync("run", "--data", "other", "--listen", lone.Address)).AssertFailed(ExitCode.Failed, "the port is in use");

    [Fact]
    public async Task A_directory_that_can_not_be_used_is_said()
    {
        await File.WriteAllTextAsync(_work.PathOf("file"), "mine", _work.Patience);

        (await _work.RunAsync("run", "--data", "file")).AssertFailed(ExitCode.Failed, "can't be used");

        Assert.Equal("mine", await File.ReadAllTextAsync(_work.PathOf("file"), _work.Patience));
    }

    [Fact]
    public async Task What_does_not_fit_is_refused_and_what_fits_still_fits()
    {
        await File.WriteAllBytesAsync(_work.PathOf("large"), new byte[200_000], _work.Patience);
        await File.WriteAllTextAsync(_work.PathOf("small"), "small", _work.Patience);

        (await _work.RunAsync("put", "large", "--replicas", "1", "--data", "node")).AssertFailed(ExitCode.Failed, "no room");
        (await _work.RunAsync("put", "small", "--replicas", "2", "--data", "node")).AssertFailed(ExitCode.Failed, "fewer nodes than replicas");
        var stored = await _work.RunAsync("put", "small", "--replicas", "1", "--data", "node");

        Assert.True(stored.ExitCode == ExitCode.Success, stored.ToString());
        Assert.True(await lone.Node.HoldsAsync(stored.LastLine, _work.Patience));
    }

    [Fact]
    public async Task A_node_that_reaches_no_bootstrap_goes_on_trying_and_says_so()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var refused = listener.LocalEndpoint.ToString()!;
        listener.Stop();

        var node = _work.StartNode("seeker", "--bootstrap", refused, "--bootstrap", "nowhere.invalid:4000", "--bootstrap", lone.Address);

        await node.Errors.WaitForAsync($"Nobody listens at {refused}", _work.Patience);
        await node.Errors.WaitForAsync("nowhere.invalid:4000 can't be resolved", _work.Patience);
        await node.WhenReadyAsync(_work.Patience);
        Assert.Equal(ExitCode.Success, await node.TerminateAsync(_work.Patience));
    }
}
