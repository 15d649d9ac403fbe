namespace P2P.YouServ.Dns;

/// <summary>Gathers the changes of several calls, which become durable and seen together.</summary>
internal sealed class ZoneDraft(Zone zone)
{
    private readonly Dictionary<DnsName, ZoneNode> _nodes = [];
    private readonly List<ZoneChange> _changes = [];

    /// <summary>What differs from the zone, in the order in which it was added.</summary>
    public IReadOnlyList<ZoneChange> Changes => _changes;

    /// <summary>Adds the changes of a call, all of them or none.</summary>
    /// <exception cref="YouServException">They would leave a name with a CNAME and something else.</exception>
    public void Add(IReadOnlyList<ZoneChange> changes)
    {
        var nodes = new Dictionary<DnsName, ZoneNode>();
        var effective = new List<ZoneChange>();
        foreach (var change in changes)
        {
            var (name, type) = (change.Set.Name, (int)change.Set.Type);
            var node = nodes.GetValueOrDefault(name) ?? _nodes.GetValueOrDefault(name) ?? zone.Find(name.ToWire()) ?? ZoneNode.Empty;
            var before = node.Find(type);
            if (before is null ? change.Encoded is not null : change.Encoded?.IsSame(before) != true)
            {
                nodes[name] = node.With(type, change.Encoded);
                effective.Add(change);
            }
        }

        foreach (var (name, node) in nodes)
        {
            if (node.Sets.Length > 1 && node.Find((int)DnsRecordType.Cname) is not null)
            {
                throw new YouServException($"{name} can't be another word for a name (CNAME) and have records of its own. Remove the one before, or in the same call.");
            }
        }

        _changes.AddRange(effective);
        foreach (var (name, node) in nodes)
        {
            _nodes[name] = node;
        }
    }

    /// <summary>Lets the next query see the changes.</summary>
    public void Apply(uint serial)
    {
        foreach (var (name, node) in _nodes)
        {
            zone.Replace(name.ToWire(), node.Sets);
        }

        zone.SetSerial(serial);
    }
}
