using System.Collections.Concurrent;
using P2P.YouServ.Dns;

namespace Consumer.Seams;

/// <summary>Publishes names into a book.</summary>
internal sealed class NameBook : IDnsPublisher
{
    private readonly ConcurrentDictionary<(DnsName Name, DnsRecordType Type), IReadOnlyList<string>> _pages = [];

    public IReadOnlyList<string> this[string name] => _pages.GetValueOrDefault((DnsName.Parse(name), DnsRecordType.A), []);

    public ValueTask PublishAsync(IReadOnlyList<DnsRecordSet> changes, CancellationToken cancellationToken = default)
    {
        foreach (var change in changes)
        {
            _pages[(change.Name, change.Type)] = change.Values;
        }

        return default;
    }
}
