namespace P2P.YouServ.Dns;

/// <summary>Keeps what was published in a zone.</summary>
internal interface IZoneStore : IDisposable
{
    /// <summary>Reads everything.</summary>
    /// <returns>The number of the last version, null if there is none yet; and the sets.</returns>
    (uint? Serial, IReadOnlyList<DnsRecordSet> Sets) Read();

    /// <summary>Makes changes durable, all of them or none.</summary>
    /// <exception cref="YouServException">It can't.</exception>
    void Write(IReadOnlyList<ZoneChange> changes, uint serial);
}
