using System.Collections.Concurrent;

namespace P2P.YouServ.Hosting;

/// <summary>Knows the tunnels that end here, by the host whose visitors go through each.</summary>
internal sealed class ProxyDesk
{
    private volatile bool _isLeaving;

    private readonly ConcurrentDictionary<string, Tunnel> _tunnels = new(StringComparer.Ordinal);

    public bool IsEmpty => _tunnels.IsEmpty;

    /// <summary>For how many sites connections are carried.</summary>
    public int TunnelCount => _tunnels.Count;

    /// <summary>How many connections are carried.</summary>
    public int LaneCount => _tunnels.Values.Sum(tunnel => tunnel.LaneCount);

    public Tunnel? Find(string host) => _tunnels.GetValueOrDefault(host);

    /// <summary>Carries a tunnel until it ends. A peer that comes again is believed: its earlier tunnel may be dead without anybody having noticed.</summary>
    public async Task CarryAsync(string host, Tunnel tunnel)
    {
        Tunnel? earlier = null;
        _tunnels.AddOrUpdate(host, tunnel, (_, known) =>
        {
            earlier = known;
            return tunnel;
        });
        try
        {
            earlier?.Close();
            await tunnel.RunAsync().ConfigureAwait(false);
        }
        finally
        {
            _tunnels.TryRemove(KeyValuePair.Create(host, tunnel));
        }
    }

    /// <summary>Whether one more site could be carried.</summary>
    public bool HasRoom(string host, int sitesMax) => !_isLeaving && (_tunnels.ContainsKey(host) || _tunnels.Count < sitesMax);

    /// <summary>This peer goes: those whose visitors come through here are told, and have some time to find somebody else and to end what is under way. Then all tunnels end.</summary>
    public async Task LeaveAsync(TimeSpan patience, TimeProvider clock)
    {
        _isLeaving = true;
        Tunnel[] tunnels = [.. _tunnels.Values];
        foreach (var tunnel in tunnels)
        {
            tunnel.Leave();
        }

        try
        {
            await Task.WhenAll(tunnels.Select(tunnel => tunnel.Ended)).WaitAsync(patience, clock).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
        }

        Close();
    }

    private void Close()
    {
        foreach (var tunnel in _tunnels.Values)
        {
            tunnel.Close();
        }
    }
}
