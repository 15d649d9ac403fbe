using P2P.Past.Protocol;
using P2P.Pastry;

namespace P2P.Past;

/// <summary>Keeps a broker's books in memory.</summary>
internal sealed class MemoryBrokerBooks : IBrokerBooks, IBrokerRows
{
    private static readonly HashSet<NodeId> Nobody = [];

    private readonly Lock _gate = new();
    private readonly Dictionary<FileId, Debit> _debits = [];
    private readonly Dictionary<FileId, HashSet<NodeId>> _counted = [];
    private readonly BrokerDesk _desk;

    public MemoryBrokerBooks(BrokerOptions options) => _desk = new BrokerDesk(new BrokerLedger(options), this);

    public ValueTask<T> RunAsync<T>(Func<BrokerDesk, T> decide)
    {
        lock (_gate)
        {
            return ValueTask.FromResult(decide(_desk));
        }
    }

    public Debit? FindDebit(FileId fileId) => _debits.GetValueOrDefault(fileId);

    public void Keep(Debit debit)
    {
        _debits[debit.FileId] = debit;
        if (debit.CreditedCount == debit.ReplicaCount)
        {
            _counted.Remove(debit.FileId);
        }
    }

    public IReadOnlySet<NodeId> CountedFor(FileId fileId) => _counted.GetValueOrDefault(fileId, Nobody);

    public void Count(FileId fileId, NodeId node)
    {
        if (!_counted.TryGetValue(fileId, out var counted))
        {
            _counted.Add(fileId, counted = []);
        }

        counted.Add(node);
    }

    /// <summary>The ledger has it in memory already.</summary>
    public void Keep(Contribution contribution)
    {
    }

    /// <inheritdoc cref="Keep(Contribution)"/>
    public void ForgetContribution(NodeId node)
    {
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
