using System.Buffers;
using System.Collections.Immutable;
using MessagePack;

namespace P2P.Pastry.Wire;

/// <summary>
/// Encodes node handles as MessagePack: [id (16 bytes), incarnation, failure domain, [[host, port], …]]. Behind the fields of a handle and of an
/// address may stand others.
/// </summary>
internal static class NodeHandleFormat
{
    private const int Fields = 4;
    private const int AddressFields = 2;

    public static void Write(ref MessagePackWriter writer, NodeHandle handle)
    {
        writer.WriteArrayHeader(Fields);
        WriteId(ref writer, handle.Id);
        writer.Write(handle.Incarnation);
        writer.Write(handle.FailureDomain);
        writer.WriteArrayHeader(handle.Addresses.Length);
        foreach (var address in handle.Addresses)
        {
            writer.WriteArrayHeader(AddressFields);
            writer.Write(address.Host);
            writer.Write((ushort)address.Port);
        }
    }

    /// <exception cref="MessagePackSerializationException">The bytes are no handle.</exception>
    public static NodeHandle Read(ref MessagePackReader reader)
    {
        var fields = reader.ReadArrayHeader();
        Require(fields >= Fields, "A handle has four fields.");
        var id = ReadId(ref reader);
        var incarnation = reader.ReadUInt64();
        var failureDomain = reader.ReadUInt64();
        var addresses = ReadAddresses(ref reader);
        SkipRest(ref reader, fields, Fields);
        return new NodeHandle(id, incarnation, addresses, failureDomain);
    }

    public static NodeId ReadId(ref MessagePackReader reader)
    {
        var bytes = reader.ReadBytes();
        Require(bytes is { Length: NodeId.ByteLength }, "An id has 16 bytes.");
        Span<byte> id = stackalloc byte[NodeId.ByteLength];
        bytes!.Value.CopyTo(id);
        return NodeId.FromBytes(id);
    }

    public static void WriteId(ref MessagePackWriter writer, NodeId id)
    {
        writer.WriteBinHeader(NodeId.ByteLength);
        id.WriteBytes(writer.GetSpan(NodeId.ByteLength));
        writer.Advance(NodeId.ByteLength);
    }

    public static void WriteMany(ref MessagePackWriter writer, ReadOnlySpan<NodeHandle> handles)
    {
        writer.WriteArrayHeader(handles.Length);
        foreach (var handle in handles)
        {
            Write(ref writer, handle);
        }
    }

    /// <exception cref="MessagePackSerializationException">The bytes are no handles, or there are more than allowed.</exception>
    public static NodeHandle[] ReadMany(ref MessagePackReader reader, int max)
    {
        var count = reader.ReadArrayHeader();
        Require(count <= max, $"A list of {count} handles is longer than the {max} allowed.");
        if (count == 0)
        {
            return [];
        }

        var handles = new NodeHandle[count];
        for (var i = 0; i < count; i++)
        {
            handles[i] = Read(ref reader);
        }

        return handles;
    }

    public static void SkipRest(ref MessagePackReader reader, int fields, int known)
    {
        for (var extra = known; extra < fields; extra++)
        {
            reader.Skip();
        }
    }

    public static void Require(bool condition, string expectation)
    {
        if (!condition)
        {
            throw new MessagePackSerializationException(expectation);
        }
    }

    private static ImmutableArray<NodeAddress> ReadAddresses(ref MessagePackReader reader)
    {
        var count = reader.ReadArrayHeader();
        Require(count is >= 1 and <= NodeHandle.AddressesMax, "A handle has between one and eight addresses.");
        var addresses = ImmutableArray.CreateBuilder<NodeAddress>(count);
        var hostsLength = 0;
        for (var i = 0; i < count; i++)
        {
            var address = ReadAddress(ref reader);
            hostsLength += address.Host.Length;
            Require(hostsLength <= NodeHandle.HostsLengthMax, "The hosts of a handle are too long together.");
            addresses.Add(address);
        }

        return addresses.MoveToImmutable();
    }

    private static NodeAddress ReadAddress(ref MessagePackReader reader)
    {
        var fields = reader.ReadArrayHeader();
        Require(fields >= AddressFields, "An address has two fields.");
        var host = reader.ReadString();
        Require(NodeAddress.IsHost(host), "An address has a host of 1 to 255 printable ASCII characters, none of them a space, bracket or slash.");
        var address = new NodeAddress(host!, reader.ReadUInt16());
        SkipRest(ref reader, fields, AddressFields);
        return address;
    }
}
