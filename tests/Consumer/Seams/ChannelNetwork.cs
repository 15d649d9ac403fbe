using System.Collections.Concurrent;
using P2P.Pastry;

namespace Consumer.Seams;

/// <summary>Is where hosts of one process find each other.</summary>
internal sealed class ChannelNetwork
{
    private readonly ConcurrentDictionary<NodeAddress, ChannelTransport> _hosts = [];
    private int _lastPort;

    public long CarriedMessages => _hosts.Values.Sum(host => host.SentMessages);

    public ChannelTransport NewTransport() => new(this, new NodeAddress("channel", Interlocked.Increment(ref _lastPort)));

    public void Add(NodeAddress address, ChannelTransport host) => _hosts[address] = host;

    public void Remove(NodeAddress address) => _hosts.TryRemove(address, out _);

    public ChannelTransport? Find(NodeAddress address) => _hosts.GetValueOrDefault(address);
}
