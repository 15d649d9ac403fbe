using System.Reflection;
using Microsoft.Extensions.Hosting;
using NodeSample.Control;
using NodeSample.Stopping;
using P2P.Past;
using P2P.Pastry;
using P2P.Pastry.Transport;

namespace NodeSample.Health;

/// <summary>Looks how the node is. A node whose loop does not answer is not live, whatever else it does.</summary>
internal sealed class HealthCheck(PastryNode node, PastStore past, OperationGate operations, Retirement retirement, IHostApplicationLifetime lifetime)
{
    /// <summary>A loop that is this slow to answer does nobody any good.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    public static readonly string Version =
        typeof(HealthCheck).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown";

    private readonly long _startedAt = Environment.TickCount64;

    public async Task<NodeHealth> CheckAsync(CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Patience);
        try
        {
            var snapshot = await node.GetSnapshotAsync(limit.Token);
            var isStopping = lifetime.ApplicationStopping.IsCancellationRequested;
            return Of(snapshot, isLive: true, isStopping ? "The node is draining: it is about to stop." : ReasonOf(snapshot.State), Words.Of(snapshot.State));
        }
        catch (InvalidOperationException) when (!node.Completion.IsCompleted)
        {
            return Of(snapshot: null, isLive: true, "The node has not started yet.", "starting");
        }
        catch (PastryException exception)
        {
            return Of(snapshot: null, isLive: false, exception.Message, "stopped");
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return Of(snapshot: null, isLive: false, $"The node's loop has not answered in {Patience.TotalSeconds} s.", "stuck");
        }
    }

    private NodeHealth Of(PastrySnapshot? snapshot, bool isLive, string? reason, string state)
    {
        var usage = past.Replicas.Usage;
        var repairs = past.Repairs;
        return new NodeHealth(
            isLive,
            Ready: reason is null,
            reason,
            state,
            lifetime.ApplicationStopping.IsCancellationRequested,
            retirement.HasBegun,
            snapshot?.Node.Id.ToString(),
            snapshot?.Node.Incarnation ?? 0,
            snapshot is null ? 0 : NeighborStatus.Of(snapshot).Length,
            snapshot?.Suspects.Length ?? 0,
            snapshot?.LeasesHeld.Length ?? 0,
            snapshot?.LeasesGranted.Length ?? 0,
            usage.Count,
            usage.UsedBytes,
            usage.CapacityBytes,
            repairs.Waiting,
            repairs.UnderWay,
            repairs.WithoutRoom,
            operations.Running,
            (Environment.TickCount64 - _startedAt) / 1000,
            Version,
            TcpTransport.LowestVersion == TcpTransport.HighestVersion ? $"{TcpTransport.HighestVersion}" : $"{TcpTransport.LowestVersion}-{TcpTransport.HighestVersion}");
    }

    private static string? ReasonOf(PastryNodeState state) => state switch
    {
        PastryNodeState.Ready => null,
        PastryNodeState.Isolated => "The node has lost every other node of its ring, and looks for them.",
        PastryNodeState.Departed => "The node has left its ring.",
        _ => "The node has not joined its ring yet; its log says why where that takes long.",
    };
}
