using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Threading.Channels;
using P2P.Pastry.Transport;

namespace P2P.Pastry.Simulation;

/// <summary>Is a simulated node, in one of its lives, as one of its modules sees it.</summary>
internal sealed class SimulatedPort(PastrySimulation simulation, SimulatedShell shell, PastryApplication application) : INodePort
{
    public NodeHandle Handle => shell.Handle;

    public TimeProvider Time => shell.Clock;

    public bool IsReady => shell.IsAlive && shell.Readiness.IsReady;

    public ImmutableArray<NodeHandle> Neighbors => shell.Neighbors;

    public CancellationToken Stopping => shell.Stopping;

    public ValueTask WhenReadyAsync(CancellationToken cancellationToken = default) => shell.Readiness.WaitAsync(cancellationToken);

    public IAsyncEnumerable<NeighborChanged> NeighborChangesAsync(CancellationToken cancellationToken = default) =>
        shell.NeighborFeed.FollowAsync(cancellationToken);

    public ValueTask<IReadOnlyList<NodeHandle>> ReplicaSetAsync(NodeId key, int max, CancellationToken cancellationToken = default) =>
        Check(cancellationToken) is { } failure
            ? ValueTask.FromException<IReadOnlyList<NodeHandle>>(failure)
            : new(shell.Node.Machine.ReplicaSet(key, max));

    public ValueTask PostAsync(object input, CancellationToken cancellationToken = default) =>
        Do(() => shell.Node.Post(application, input), cancellationToken);

    public ValueTask RouteAsync(
        NodeId key, ReadOnlyMemory<byte> payload, RouteOptions options = RouteOptions.None, CancellationToken cancellationToken = default)
    {
        var copy = NodePort.CopyOf(payload);
        return Do(() => shell.Node.Route(application, key, copy, options), cancellationToken);
    }

    public ValueTask SendAsync(NodeHandle to, ReadOnlyMemory<byte> payload, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(to);
        var copy = NodePort.CopyOf(payload);
        return Do(
            () => simulation.Run(shell.Node, (machine, now, output) => machine.SendDirect(application.Id, to, copy, now, output)),
            cancellationToken);
    }

    public async ValueTask<TransportStream> OpenStreamAsync(NodeHandle to, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(to);
        if (Check(cancellationToken) is { } failure)
        {
            throw failure;
        }

        var opening = new SimulatedStreamOpening(simulation, shell, to, application.Id);
        opening.Start();
        try
        {
            return await opening.Opened.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            opening.GiveUp();
            throw;
        }
    }

    public SignedStatement Sign(string purpose, ReadOnlySpan<byte> body) => NodePort.Sign(shell.Key, purpose, body);

    public void FillRandom(Span<byte> bytes)
    {
        simulation.CheckThread();
        Span<byte> drawn = stackalloc byte[sizeof(ulong)];
        for (var rest = bytes; !rest.IsEmpty; rest = rest[Math.Min(rest.Length, sizeof(ulong))..])
        {
            BinaryPrimitives.WriteUInt64LittleEndian(drawn, shell.NextRandom());
            drawn[..Math.Min(rest.Length, sizeof(ulong))].CopyTo(rest);
        }
    }

    public Channel<T> CreateChannel<T>(BoundedChannelOptions options) => new SimulatedChannel<T>(simulation, options);

    /// <summary>Work that is begun goes on after the node's end, as that waits for it.</summary>
    public void Start(Func<Task> work) => simulation.StartWork(TimeSpan.Zero, () => simulation.Watch(RunAsync(work)));

    /// <summary>Does something in an event of its own: a handler of the node may be running now.</summary>
    private ValueTask Do(Action action, CancellationToken cancellationToken)
    {
        if (Check(cancellationToken) is { } failure)
        {
            return ValueTask.FromException(failure);
        }

        shell.Schedule(TimeSpan.Zero, action);
        return ValueTask.CompletedTask;
    }

    private static async Task RunAsync(Func<Task> work) => await work().ConfigureAwait(false);

    private Exception? Check(CancellationToken cancellationToken)
    {
        simulation.CheckThread();
        return cancellationToken.IsCancellationRequested ? new OperationCanceledException(cancellationToken)
            : shell.IsAlive ? null
            : SimulatedShell.Stopped();
    }
}
