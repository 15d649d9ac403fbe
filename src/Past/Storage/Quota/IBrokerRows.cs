using P2P.Past.Protocol;
using P2P.Pastry;

namespace P2P.Past;

/// <summary>Keeps what a broker must not forget, within a transaction.</summary>
internal interface IBrokerRows
{
    Debit? FindDebit(FileId fileId);

    void Keep(Debit debit);

    /// <summary>Gives the nodes whose receipts for a file have been counted, as long as not all replicas are credited.</summary>
    IReadOnlySet<NodeId> CountedFor(FileId fileId);

    void Count(FileId fileId, NodeId node);

    void Keep(Contribution contribution);

    void ForgetContribution(NodeId node);
}
