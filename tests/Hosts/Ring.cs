using System.Globalization;
using System.Net;
using Hosts.Network;
using NodeSample;
using NodeSample.Control;

namespace Hosts;

/// <summary>
/// Is a ring of hosts at one switch: half of them in the lower part of the network, half in the upper one, so that a rule cuts it in two. It
/// knows what each node's state should be, and waits until it is.
/// </summary>
internal sealed class Ring : IDisposable
{
    public const int Size = 16;

    private const int LeafSetSide = 4;
    private const string Bridge = "bridge";

    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(250);

    private readonly NetworkNamespace _switch;
    private readonly List<Host> _hosts = [];

    public Ring(string folder)
    {
        _switch = new NetworkNamespace("switch");
        try
        {
            _switch.Ip("link", "add", Bridge, "type", "bridge");
            _switch.Ip("link", "set", Bridge, "up");
            for (var index = 0; index < Size; index++)
            {
                _hosts.Add(NewHost(folder, index));
            }
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public static IPNetwork LowerPart { get; } = IPNetwork.Parse("10.77.0.0/25");

    public static IPNetwork UpperPart { get; } = IPNetwork.Parse("10.77.0.128/25");

    public IReadOnlyList<Host> Hosts => _hosts;

    public IReadOnlyList<Host> Lower => _hosts[..(Size / 2)];

    public IReadOnlyList<Host> Upper => _hosts[(Size / 2)..];

    /// <summary>Waits until these nodes, and no others, are one ring, in which each knows its neighbours and may deliver.</summary>
    public Task WhenWholeAsync(IReadOnlyList<Host> hosts, CancellationToken cancellationToken) => UntilAsync(
        async () =>
        {
            var all = await StatusAsync(hosts, cancellationToken);
            return all is not null && Oracle.Findings(all, LeafSetSide) is [];
        },
        cancellationToken);

    /// <summary>Asks every node how it is; null where one does not answer yet.</summary>
    public async Task<NodeStatus[]?> StatusAsync(IReadOnlyList<Host> hosts, CancellationToken cancellationToken, params string[] holds)
    {
        try
        {
            return await Task.WhenAll(hosts.Select(host => host.StatusAsync(cancellationToken, holds)));
        }
        catch (FailedException)
        {
            return null;
        }
    }

    /// <summary>Finds the hosts that hold a file.</summary>
    public async Task<IReadOnlyList<Host>> HoldersAsync(string file, CancellationToken cancellationToken)
    {
        var running = _hosts.Where(host => host.IsRunning).ToArray();
        var all = await StatusAsync(running, cancellationToken, file) ?? throw new FailedException("A node does not answer.");
        return [.. running.Where((_, index) => all[index].Holds[file])];
    }

    /// <summary>Sums up what all nodes have counted so far.</summary>
    public async Task<(long FoundDead, long Suspected, long HopTimeouts)> FailuresAsync(CancellationToken cancellationToken)
    {
        var all = await StatusAsync(_hosts, cancellationToken) ?? throw new FailedException("A node does not answer.");
        return (all.Sum(node => node.Counters.FoundDead), all.Sum(node => node.Counters.Suspected), all.Sum(node => node.Counters.HopTimeouts));
    }

    /// <summary>Tells in a few lines how things stand, for whoever has to find out what went wrong.</summary>
    public async Task<IReadOnlyList<string>> DescribeAsync()
    {
        var lines = new List<string>();
        var answering = new List<NodeStatus>();
        foreach (var host in _hosts)
        {
            try
            {
                using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(5));
                answering.Add(await host.StatusAsync(patience.Token));
            }
            catch (Exception exception) when (exception is FailedException or OperationCanceledException)
            {
                lines.Add($"{host.Name} {(host.IsRunning ? "runs" : "does not run")} and gives no answer: {exception.Message}");
            }

            lines.AddRange(host.Log.TakeLast(3).Select(line => $"{host.Name}: {line}"));
        }

        lines.AddRange(Oracle.Findings(answering, LeafSetSide));
        return lines;
    }

    public void Dispose()
    {
        _hosts.ForEach(host => host.Dispose());
        _switch.Dispose();
    }

    private Host NewHost(string folder, int index)
    {
        var name = (index + 1).ToString("d2", CultureInfo.InvariantCulture);
        var space = new NetworkNamespace(name);
        try
        {
            var address = IPAddress.Parse($"10.77.0.{(index < Size / 2 ? 1 + index : 129 + index - Size / 2)}");
            var link = new Link(space, _switch, $"port{name}", address);
            link.Plug(Bridge);
            return new Host(name, space, link, Path.Combine(folder, name));
        }
        catch
        {
            space.Dispose();
            throw;
        }
    }

    private static async Task UntilAsync(Func<Task<bool>> condition, CancellationToken cancellationToken)
    {
        while (!await condition())
        {
            await Task.Delay(PollInterval, cancellationToken);
        }
    }
}
