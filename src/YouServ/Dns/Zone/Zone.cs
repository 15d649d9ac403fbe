using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;

namespace P2P.YouServ.Dns;

/// <summary>
/// Holds a zone's names. Any number of threads read without locks while one writes: a name's sets change all at once, and a change of several names is seen name by name.
/// </summary>
internal sealed class Zone
{
    private readonly ConcurrentDictionary<byte[], ZoneNode> _nodes = new(WireNameComparer.Instance);
    private readonly ConcurrentDictionary<byte[], ZoneNode>.AlternateLookup<ReadOnlySpan<byte>> _byName;
    private readonly byte[] _origin;
    private readonly ZoneStart _start;
    private volatile EncodedSet _startSet;

    public Zone(DnsName origin, ZoneStart start, uint serial)
    {
        _byName = _nodes.GetAlternateLookup<ReadOnlySpan<byte>>();
        (Origin, _origin, _start) = (origin, origin.ToWire(), start);
        _nodes[_origin] = ZoneNode.Empty;
        SetSerial(serial);
    }

    public DnsName Origin { get; }

    public int OriginLength => _origin.Length;

    /// <summary>The zone's SOA record.</summary>
    public EncodedSet Start => _startSet;

    public bool Contains(ReadOnlySpan<byte> name) => WireName.IsWithin(name, _origin);

    /// <summary>Finds what is at a name, which is in lower case; null where there is no such name.</summary>
    public ZoneNode? Find(ReadOnlySpan<byte> name) => _byName.TryGetValue(name, out var node) ? node : null;

    /// <summary>Puts sets in the place of those that a name has. One thread at a time writes.</summary>
    public void Replace(ReadOnlySpan<byte> name, EncodedSet[] sets)
    {
        Debug.Assert(Contains(name), "Names of a zone end with the zone's.");
        Replace(name, Find(name), (Find(name) ?? ZoneNode.Empty) with { Sets = sets });
    }

    /// <summary>Numbers the version of the zone that is seen from now on.</summary>
    [MemberNotNull(nameof(_startSet))]
    public void SetSerial(uint serial)
    {
        _startSet = SetEncoder.EncodeStart(Origin, _start, serial);
        Replace(_origin, Find(_origin)!.With(DnsFormat.TypeSoa, _startSet).Sets);
    }

    /// <summary>A name comes or goes together with those above it that nothing else holds.</summary>
    private void Replace(ReadOnlySpan<byte> name, ZoneNode? before, ZoneNode after)
    {
        if (after.Exists)
        {
            _byName[name] = after;
        }
        else
        {
            _byName.TryRemove(name, out _);
        }

        var added = (after.Exists ? 1 : 0) - (before is null ? 0 : 1);
        if (added != 0)
        {
            var parent = WireName.Parent(name);
            var above = Find(parent);
            Replace(parent, above, (above ?? ZoneNode.Empty) with { Children = (above?.Children ?? 0) + added });
        }
    }
}
