using System.Collections.Concurrent;
using P2P.YouServ.Dns;

namespace YouServ.Tests.Coordination;

/// <summary>Remembers what was published.</summary>
internal sealed class MemoryDns : IDnsPublisher
{
    private readonly ConcurrentDictionary<(DnsName, DnsRecordType), IReadOnlyList<string>> _sets = new();
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public IReadOnlyList<string> this[string name] => _sets.GetValueOrDefault((DnsName.Parse(name), DnsRecordType.A), []);

    /// <summary>Completes when a name has such addresses, which it may have already.</summary>
    public async Task WhenAsync(string name, Func<IReadOnlyList<string>, bool> isSo)
    {
        while (true)
        {
            var changed = Volatile.Read(ref _changed).Task;
            if (isSo(this[name]))
            {
                return;
            }

            await changed;
        }
    }

    public ValueTask PublishAsync(IReadOnlyList<DnsRecordSet> changes, CancellationToken cancellationToken = default)
    {
        foreach (var change in changes)
        {
            _sets[(change.Name, change.Type)] = change.Values;
        }

        Interlocked.Exchange(ref _changed, new(TaskCreationOptions.RunContinuationsAsynchronously)).SetResult();
        return default;
    }
}
