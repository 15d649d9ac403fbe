using System.IO.Pipelines;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http.Features;

namespace P2P.YouServ.Hosting;

/// <summary>Shows a lane of a tunnel to the web server as a connection like any other.</summary>
internal sealed class LaneConnection : ConnectionContext
{
    private readonly TunnelLane _lane;
    private readonly CancellationTokenSource _closed;

    public LaneConnection(TunnelLane lane)
    {
        _lane = lane;
        _closed = CancellationTokenSource.CreateLinkedTokenSource(lane.Gone);
        Transport = lane;
        ConnectionClosed = _closed.Token;
        RemoteEndPoint = lane.Visitor;
        ConnectionId = $"lane {lane.Number}";
    }

    public override string ConnectionId { get; set; }

    public override IFeatureCollection Features { get; } = new FeatureCollection();

    public override IDictionary<object, object?> Items { get; set; } = new Dictionary<object, object?>();

    public override IDuplexPipe Transport { get; set; }

    public override void Abort(ConnectionAbortedException abortReason) => _lane.Abandon();

    public override async ValueTask DisposeAsync()
    {
        await _lane.DisposeAsync().ConfigureAwait(false);
        await _closed.CancelAsync().ConfigureAwait(false);
        _closed.Dispose();
        await base.DisposeAsync().ConfigureAwait(false);
    }
}
