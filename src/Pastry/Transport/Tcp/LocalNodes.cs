using System.Collections.Immutable;

namespace P2P.Pastry.Transport.Tcp;

/// <summary>Keeps the nodes that live on this host, with what each signed for it. An index is never used twice.</summary>
internal sealed class LocalNodes(Fingerprint host, TcpTransportOptions options)
{
    // What one delegation takes in a hello beside its statement's parts.
    private const int Overhead = 16;

    private const int CertificateLengthMax = 2048;

    private readonly Lock _gate = new();
    private readonly ulong _failureDomain = options.FailureDomain is { } name ? FailureDomainName.NumberOf(name) : host.FailureDomain;
    private volatile Entry?[] _entries = [];
    private DateTimeOffset _renewal = DateTimeOffset.MaxValue;

    /// <summary>The nodes by their index, null where one is gone. Nobody changes the array any more.</summary>
    public Entry?[] Entries => _entries;

    /// <exception cref="PastryException">The node is here already, no more fit, or the ring would not admit it.</exception>
    public LocalNode Add(NodeIdentity node, ImmutableArray<NodeAddress> addresses)
    {
        RequireAdmission(node);
        lock (_gate)
        {
            var id = node.Key.PublicKey.NodeId;
            var living = _entries.Where(entry => entry is not null).ToArray();
            Require(living.All(entry => entry!.Node.Handle.Id != id), $"Node {id} lives here already; remove it first.");
            Require(_entries.Length < Framing.FrameFormat.Host, "This transport has had 65535 nodes; start another.");
            var handle = new NodeHandle(id, node.Incarnation, addresses, _failureDomain);
            var added = new Entry(new LocalNode(_entries.Length, handle), node.Key, Sign(node.Key, handle), node.Certificate);
            var length = living.Sum(entry => LengthInHello(entry!)) + LengthInHello(added);
            Require(living.Length < Hello.MaxNodes && length < Hello.MaxLength - 1024, "No more nodes fit on one host; start another transport for further ones.");
            _entries = [.. _entries, added];
            SetRenewal();
            return added.Node;
        }
    }

    /// <summary>Forgets a node; false if it is not here.</summary>
    public bool Remove(LocalNode node)
    {
        lock (_gate)
        {
            if (!Contains(node))
            {
                return false;
            }

            var entries = _entries.ToArray();
            entries[node.Index] = null;
            _entries = entries;
            return true;
        }
    }

    /// <summary>Notes that a node is about to stop; false if it is not here.</summary>
    public bool Leave(LocalNode node)
    {
        lock (_gate)
        {
            if (!Contains(node))
            {
                return false;
            }

            var entries = _entries.ToArray();
            entries[node.Index] = entries[node.Index]! with { IsLeaving = true };
            _entries = entries;
            return true;
        }
    }

    public bool Contains(LocalNode node) => At(node.Index)?.Node.Handle.Equals(node.Handle) == true;

    public Entry? At(int index)
    {
        var entries = _entries;
        return (uint)index < (uint)entries.Length ? entries[index] : null;
    }

    public Entry? Find(NodeId id) => Array.Find(_entries, entry => entry is not null && entry.Node.Handle.Id == id);

    /// <summary>Signs all delegations anew if it is time; true if it was.</summary>
    public bool RenewIfDue()
    {
        lock (_gate)
        {
            if (options.Time.GetUtcNow() < _renewal)
            {
                return false;
            }

            _entries = [.. _entries.Select(entry => entry is null ? null : entry with { Statement = Sign(entry.Key, entry.Node.Handle) })];
            _renewal = DateTimeOffset.MaxValue;
            SetRenewal();
            return true;
        }
    }

    /// <summary>A node that all others would turn away learns it here, before it tries.</summary>
    private void RequireAdmission(NodeIdentity node)
    {
        Require(
            node.Certificate is null || LengthOf(node.Certificate) <= CertificateLengthMax,
            $"The certificate of node {node.Key.PublicKey.NodeId} is longer than {CertificateLengthMax} bytes; give it one by the ring's authority.");
        try
        {
            Admissions.Judge(options, node.Key.PublicKey, node.Certificate);
        }
        catch (HandshakeException refused)
        {
            throw new PastryException(refused.Message, refused);
        }
    }

    private SignedStatement Sign(SigningKey key, NodeHandle handle) =>
        Delegation.Sign(key, host, options.RingName, options.Time.GetUtcNow() + options.DelegationLifetime, handle).Statement;

    // The oldest delegation sets the time for all.
    private void SetRenewal()
    {
        var renewal = options.Time.GetUtcNow() + options.DelegationLifetime / 2;
        _renewal = renewal < _renewal ? renewal : _renewal;
    }

    private static int LengthInHello(Entry entry) =>
        Overhead + LengthOf(entry.Statement) + (entry.Certificate is { } certificate ? Overhead + LengthOf(certificate) : 0);

    private static int LengthOf(SignedStatement statement) => statement.Signer.Encoded.Length + statement.Body.Length + statement.Signature.Length;

    private static void Require(bool condition, string message)
    {
        if (!condition)
        {
            throw new PastryException(message);
        }
    }

    internal sealed record Entry(LocalNode Node, SigningKey Key, SignedStatement Statement, SignedStatement? Certificate, bool IsLeaving = false);
}
