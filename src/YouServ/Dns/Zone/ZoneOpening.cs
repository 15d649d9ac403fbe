using Microsoft.Extensions.Logging;

namespace P2P.YouServ.Dns;

/// <summary>Makes a zone of what is always there and of what was published before, and checks what is published.</summary>
internal sealed class ZoneOpening
{
    /// <summary>Servers seldom change, and every resolver asks for them.</summary>
    private static readonly TimeSpan NameServersTimeToLive = TimeSpan.FromHours(1);

    private readonly DnsServerOptions _options;
    private readonly HashSet<(DnsName Name, DnsRecordType Type)> _fixed = [];

    private ZoneOpening(DnsServerOptions options, IZoneStore store, Zone zone, uint serial) =>
        (_options, Store, Zone, Serial) = (options, store, zone, serial);

    public Zone Zone { get; }

    public IZoneStore Store { get; }

    public uint Serial { get; }

    public static ZoneOpening Open(DnsServerOptions options, ILogger logger)
    {
        IZoneStore store = options.Path is null ? new MemoryZoneStore() : ZoneDatabase.Open(options.Path, options.Zone);
        try
        {
            var (last, sets) = store.Read();

            // Also what is always there may have changed since the last start. Where nothing is known of it, the time is beyond what it was.
            var serial = last is null ? (uint)options.Time.GetUtcNow().ToUnixTimeSeconds() : unchecked(last.Value + 1);
            var start = new ZoneStart(options.NameServers[0], options.Contact ?? options.Zone.Child("hostmaster"), ZoneChange.Seconds(options.NegativeTimeToLive, nameof(options.NegativeTimeToLive)));
            var opening = new ZoneOpening(options, store, new Zone(options.Zone, start, serial), serial);
            opening.Fix();
            opening.Restore(sets, logger);
            return opening;
        }
        catch
        {
            store.Dispose();
            throw;
        }
    }

    /// <summary>Checks a set that is to be published, and encodes it.</summary>
    /// <exception cref="ArgumentException">It is none that can be published here.</exception>
    public ZoneChange Check(DnsRecordSet set)
    {
        var change = Encode(set);
        return set.Type == DnsRecordType.Ns
            ? throw new ArgumentException($"{set.Name} can't get name servers: those of the zone are options, and nothing is delegated.", nameof(set))
            : !_fixed.Contains((set.Name, set.Type)) && !_fixed.Contains((set.Name, DnsRecordType.Cname)) ? change : throw new ArgumentException($"{set.Name}'s {set.Type} is among the records that the server's options give, and can't be published.", nameof(set));
    }

    private ZoneChange Encode(DnsRecordSet set) => ZoneChange.Of(set, _options.Zone, _options.DefaultTimeToLive);

    private void Fix()
    {
        var draft = new ZoneDraft(Zone);
        var nameServers = new DnsRecordSet(_options.Zone, DnsRecordType.Ns, [.. _options.NameServers.Select(name => name.Value)]) { TimeToLive = NameServersTimeToLive };
        draft.Add([Encode(nameServers)]);
        draft.Add([.. _options.Records.Select(Check)]);
        draft.Apply(Serial);
        foreach (var server in _options.NameServers.Where(server => server.IsWithin(_options.Zone)))
        {
            if (Zone.Find(server.ToWire()) is not { } node || (node.Find((int)DnsRecordType.A) ?? node.Find((int)DnsRecordType.Aaaa)) is null)
            {
                throw new ArgumentException($"The name server {server} lies within the zone and has no address among the {nameof(DnsServerOptions.Records)}, so that nobody would find it.");
            }
        }

        _fixed.UnionWith(_options.Records.Select(set => (set.Name, set.Type)));
    }

    private void Restore(IReadOnlyList<DnsRecordSet> sets, ILogger logger)
    {
        var draft = new ZoneDraft(Zone);
        var dropped = new List<ZoneChange>();
        foreach (var set in sets)
        {
            try
            {
                draft.Add([Check(set)]);
            }
            catch (Exception exception) when (exception is YouServException or ArgumentException)
            {
                logger.Dropped(exception, set.Name, set.Type);
                dropped.Add(new ZoneChange(set, 0, null));
            }
        }

        Store.Write(dropped, Serial);
        draft.Apply(Serial);
    }
}
