using System.Collections.Concurrent;
using P2P.YouServ.Dns;

namespace YouServ.Tests.Coordination;

/// <summary>Remembers what was published.</summary>
internal sealed class MemoryDns : IDnsPublisher
{
    private readonly ConcurrentDictionary<(DnsName, DnsRecordType), IReadOnlyList<string>> _sets = new();

    public IReadOnlyList<string> this[string name] => _sets.GetValueOrDefault((DnsName.Parse(name), DnsRecordType.A), []);

    public ValueTask PublishAsync(IReadOnlyList<DnsRecordSet> changes, CancellationToken cancellationToken = default)
    {
        foreach (var change in changes)
        {
            _sets[(change.Name, change.Type)] = change.Values;
        }

        return default;
    }
}
