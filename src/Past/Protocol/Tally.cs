using System.Runtime.InteropServices;
using P2P.Pastry;

namespace P2P.Past.Protocol;

/// <summary>Counts what each node has of something; who has nothing takes no memory.</summary>
internal sealed class Tally
{
    private readonly Dictionary<NodeId, long> _amounts = [];

    public long this[NodeId node] => _amounts.GetValueOrDefault(node);

    public long Total { get; private set; }

    public void Add(NodeId node, long amount)
    {
        Total += amount;
        ref var sum = ref CollectionsMarshal.GetValueRefOrAddDefault(_amounts, node, out _);
        sum += amount;
        if (sum == 0)
        {
            _amounts.Remove(node);
        }
    }
}
