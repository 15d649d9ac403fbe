namespace PaperFigures.Experiments.Searching;

/// <summary>
/// Knows who has a connection to whom that can be used again. Those of sites are closed after a minute in which nobody used them, as peers do it; that to the registrar, beside the coordinator, is kept open by heartbeats.
/// </summary>
internal sealed class Connections(int registrar)
{
    private static readonly TimeSpan SiteIdle = TimeSpan.FromMinutes(1);

    private readonly Dictionary<(int From, int To), TimeSpan> _usedAt = [];

    public bool Has(int from, int to, TimeSpan now) => to == registrar || (_usedAt.TryGetValue((from, to), out var at) && now - at < SiteIdle);

    public void Use(int from, int to, TimeSpan now) => _usedAt[(from, to)] = now;
}
