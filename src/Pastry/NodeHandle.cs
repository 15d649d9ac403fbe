using System.Buffers;
using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using MessagePack;
using P2P.Pastry.Wire;

namespace P2P.Pastry;

/// <summary>
/// Says who a node is and where it can be reached. Handles are immutable and travel between nodes; one that came from a third party is a
/// hint, and only a transport's proof of identity makes it a fact.
/// </summary>
public sealed class NodeHandle : IEquatable<NodeHandle>
{
    /// <summary>The most addresses that a handle may carry.</summary>
    public const int AddressesMax = 8;

    /// <summary>The most characters that the hosts of a handle's addresses may have together, so that leaf sets of any nodes fit a message.</summary>
    public const int HostsLengthMax = 320;

    /// <summary>Describes a node.</summary>
    /// <param name="id">Its place on the ring.</param>
    /// <param name="incarnation">Which of its lives this is: a restarted node has a higher number, and the higher number wins.</param>
    /// <param name="addresses">Where it can be reached, best first; between one and eight.</param>
    /// <param name="failureDomain">What it shares with the nodes that would fail with it; nodes of one host have the same number.</param>
    /// <exception cref="ArgumentException">
    /// There is no address, or more than <see cref="AddressesMax"/>, or their hosts are longer than <see cref="HostsLengthMax"/> together.
    /// </exception>
    public NodeHandle(NodeId id, ulong incarnation, ImmutableArray<NodeAddress> addresses, ulong failureDomain = 0)
    {
        if (addresses.IsDefaultOrEmpty || addresses.Length > AddressesMax)
        {
            throw new ArgumentException($"A node has between 1 and {AddressesMax} addresses.", nameof(addresses));
        }

        if (HostsLength(addresses) > HostsLengthMax)
        {
            throw new ArgumentException($"The hosts of a node's addresses have at most {HostsLengthMax} characters together.", nameof(addresses));
        }

        Id = id;
        Incarnation = incarnation;
        Addresses = addresses;
        FailureDomain = failureDomain;
    }

    /// <summary>The node's place on the ring.</summary>
    public NodeId Id { get; }

    /// <summary>Which of the node's lives this is; the higher number wins.</summary>
    public ulong Incarnation { get; }

    /// <summary>Where the node can be reached, best first; never empty.</summary>
    public ImmutableArray<NodeAddress> Addresses { get; }

    /// <summary>What the node shares with those that would fail with it: nodes of one host have the same number.</summary>
    public ulong FailureDomain { get; }

    /// <summary>The node's first, preferred address.</summary>
    public NodeAddress Address => Addresses[0];

    /// <summary>How many bytes the handle takes on the wire, at most.</summary>
    internal int EncodedLengthMax => 48 + 8 * Addresses.Length + HostsLength(Addresses);

    /// <summary>Writes the handle, so that applications can name nodes in their messages: one value of MessagePack, an array.</summary>
    public void WriteTo(IBufferWriter<byte> writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        var pack = new MessagePackWriter(writer);
        NodeHandleFormat.Write(ref pack, this);
        pack.Flush();
    }

    /// <summary>Reads a handle that <see cref="WriteTo"/> wrote, from bytes that anybody may have sent.</summary>
    /// <param name="source">What begins with a handle; afterwards, what stands behind it.</param>
    /// <param name="handle">The handle, where there is one.</param>
    /// <returns>False where no handle stands there; the source stays as it is.</returns>
    public static bool TryRead(ref ReadOnlySequence<byte> source, [NotNullWhen(true)] out NodeHandle? handle) =>
        PackReading.TryRead(ref source, NodeHandleFormat.Read, out handle);

    /// <summary>Tells whether both handles mean the same life of the same node.</summary>
    public bool Equals(NodeHandle? other) => ReferenceEquals(this, other) || (other is not null && Id == other.Id && Incarnation == other.Incarnation);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as NodeHandle);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Id, Incarnation);

    /// <summary>Tells whether both handles name the same addresses, in the same order: what is true at one place need not be at another.</summary>
    internal bool HasAddressesOf(NodeHandle? other) => other is not null && Addresses.AsSpan().SequenceEqual(other.Addresses.AsSpan());

    private static int HostsLength(ImmutableArray<NodeAddress> addresses)
    {
        var length = 0;
        foreach (var address in addresses)
        {
            length += address.Host?.Length ?? 0;
        }

        return length;
    }

    /// <summary>Shows the first digits of the id and the preferred address.</summary>
    public override string ToString() => $"{Id:s}@{Address}";
}
