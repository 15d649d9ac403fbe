using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Threading.Channels;
using P2P.Pastry.Transport;

namespace P2P.Pastry;

/// <summary>Is a live node as one of its modules sees it.</summary>
internal sealed class NodePort(PastryNode node, PastryApplication application) : INodePort
{
    /// <summary>What the purposes of the overlay's own statements begin with.</summary>
    private const string ReservedPurpose = "p2p.pastry.";

    public NodeHandle Handle => node.Handle;

    public TimeProvider Time => node.Time;

    public bool IsReady => node.IsReady;

    public ImmutableArray<NodeHandle> Neighbors => node.Neighbors;

    public CancellationToken Stopping => node.Stopping;

    public ValueTask WhenReadyAsync(CancellationToken cancellationToken = default) => node.WhenReadyAsync(cancellationToken);

    public IAsyncEnumerable<NeighborChanged> NeighborChangesAsync(CancellationToken cancellationToken = default) => node.NeighborChangesAsync(cancellationToken);

    public ValueTask<IReadOnlyList<NodeHandle>> ReplicaSetAsync(NodeId key, int max, CancellationToken cancellationToken = default) =>
        node.ReplicaSetAsync(key, max, cancellationToken);

    public ValueTask PostAsync(object input, CancellationToken cancellationToken = default) =>
        node.Loop.PostAsync(new ApplicationInput(application, input, MessageTracer.Current()), cancellationToken);

    public ValueTask RouteAsync(
        NodeId key, ReadOnlyMemory<byte> payload, RouteOptions options = RouteOptions.None, CancellationToken cancellationToken = default) =>
        node.Loop.PostAsync(new RouteInput(application.Id, key, CopyOf(payload), options, RouteTrace.Current(node.Time)), cancellationToken);

    public ValueTask SendAsync(NodeHandle to, ReadOnlyMemory<byte> payload, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(to);
        return node.Loop.PostAsync(new SendInput(application.Id, to, CopyOf(payload)), cancellationToken);
    }

    public ValueTask<TransportStream> OpenStreamAsync(NodeHandle to, CancellationToken cancellationToken = default) =>
        node.OpenStreamAsync(application.Id, to, cancellationToken);

    public SignedStatement Sign(string purpose, ReadOnlySpan<byte> body) => Sign(node.Key, purpose, body);

    public void FillRandom(Span<byte> bytes) => RandomNumberGenerator.Fill(bytes);

    public Channel<T> CreateChannel<T>(BoundedChannelOptions options) => NewChannel<T>(options);

    public void Start(Func<Task> work) => node.StartWork(work);

    internal static Channel<T> NewChannel<T>(BoundedChannelOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.AllowSynchronousContinuations = false;
        return Channel.CreateBounded<T>(options);
    }

    internal static Payload CopyOf(ReadOnlyMemory<byte> payload) =>
        payload.Length <= Payload.LengthMax
            ? Payload.FromBytes(payload.ToArray())
            : throw new ArgumentException($"A message carries at most {Payload.LengthMax} bytes, not {payload.Length}; open a stream for more.", nameof(payload));

    internal static SignedStatement Sign(SigningKey key, string purpose, ReadOnlySpan<byte> body)
    {
        ArgumentException.ThrowIfNullOrEmpty(purpose);
        return purpose.StartsWith(ReservedPurpose, StringComparison.Ordinal)
            ? throw new ArgumentException($"Statements for '{purpose}' are the overlay's own; choose a purpose under a name of the module's.", nameof(purpose))
            : SignedStatement.Sign(key, purpose, body);
    }
}
