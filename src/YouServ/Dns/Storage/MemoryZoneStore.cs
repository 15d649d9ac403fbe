namespace P2P.YouServ.Dns;

/// <summary>Keeps nothing: what was published is gone when the server ends.</summary>
internal sealed class MemoryZoneStore : IZoneStore
{
    public (uint? Serial, IReadOnlyList<DnsRecordSet> Sets) Read() => (null, []);

    public void Write(IReadOnlyList<ZoneChange> changes, uint serial)
    {
    }

    public void Dispose()
    {
    }
}
