using P2P.Pastry.Transport.Memory;

namespace P2P.Pastry.Transport;

/// <summary>
/// Connects <see cref="InMemoryTransport"/>s within a process, for tests of programs: nothing is lost, messages of a pair keep their order,
/// and hosts and links fail when the test says so.
/// </summary>
public sealed class InMemoryNetwork
{
    private readonly Lock _gate = new();
    private readonly Dictionary<NodeAddress, InMemoryTransport> _listening = [];
    private readonly HashSet<(InMemoryTransport, InMemoryTransport)> _cut = [];
    private readonly HashSet<InMemoryTransport> _unreachable = [];
    private int _hosts;

    /// <summary>Creates a transport on this network, with an address of its own. Its nodes fail together, and with no others.</summary>
    public InMemoryTransport CreateTransport() => Create(failureDomain: null);

    /// <summary>Creates a transport on this network, with an address of its own, whose nodes would fail with those of others.</summary>
    /// <param name="failureDomain">The name of what they share, such as a power supply.</param>
    public InMemoryTransport CreateTransport(string failureDomain)
    {
        ArgumentNullException.ThrowIfNull(failureDomain);
        return Create(FailureDomainName.NumberOf(failureDomain));
    }

    /// <summary>Cuts the link between two hosts, in both directions: what is under way is lost, and both learn that the other is down.</summary>
    public void Cut(InMemoryTransport one, InMemoryTransport other)
    {
        ArgumentNullException.ThrowIfNull(one);
        ArgumentNullException.ThrowIfNull(other);
        lock (_gate)
        {
            _cut.Add((one, other));
            _cut.Add((other, one));
        }

        one.Lose(other);
        other.Lose(one);
    }

    /// <summary>Mends the link between two hosts.</summary>
    public void Mend(InMemoryTransport one, InMemoryTransport other)
    {
        ArgumentNullException.ThrowIfNull(one);
        ArgumentNullException.ThrowIfNull(other);
        lock (_gate)
        {
            _cut.Remove((one, other));
            _cut.Remove((other, one));
        }
    }

    /// <summary>Takes a host off the network, or puts it back; meanwhile it goes on running and reaches nobody.</summary>
    public void SetReachable(InMemoryTransport host, bool reachable)
    {
        ArgumentNullException.ThrowIfNull(host);
        InMemoryTransport[] others;
        lock (_gate)
        {
            if (reachable ? !_unreachable.Remove(host) : !_unreachable.Add(host))
            {
                return;
            }

            others = [.. _listening.Values.Where(other => other != host)];
        }

        if (!reachable)
        {
            foreach (var other in others)
            {
                host.Lose(other);
                other.Lose(host);
            }
        }
    }

    internal void Add(InMemoryTransport transport)
    {
        lock (_gate)
        {
            _listening.Add(transport.Address, transport);
        }
    }

    /// <summary>Takes a host away. The others lose it if it died; of one that left they think nothing.</summary>
    internal void Remove(InMemoryTransport transport, bool died)
    {
        InMemoryTransport[] others;
        lock (_gate)
        {
            _listening.Remove(transport.Address);
            others = [.. _listening.Values];
        }

        foreach (var other in others)
        {
            other.Lose(transport, report: died);
        }
    }

    /// <summary>Finds who listens at one of the addresses, as seen from a host.</summary>
    internal Reach Find(InMemoryTransport from, ReadOnlySpan<NodeAddress> addresses)
    {
        lock (_gate)
        {
            foreach (var address in addresses)
            {
                if (_listening.TryGetValue(address, out var found))
                {
                    var reachable = !_unreachable.Contains(from) && !_unreachable.Contains(found) && !_cut.Contains((from, found));
                    return reachable ? new Reach(found, default) : new Reach(null, PeerDownReason.Unreachable);
                }
            }

            return new Reach(null, _unreachable.Contains(from) ? PeerDownReason.Unreachable : PeerDownReason.Refused);
        }
    }

    private InMemoryTransport Create(ulong? failureDomain)
    {
        lock (_gate)
        {
            _hosts++;
            return new InMemoryTransport(this, new NodeAddress($"host-{_hosts}.memory", 1), failureDomain ?? (ulong)_hosts);
        }
    }
}
