using P2P.Pastry;
using P2P.Pastry.Simulation;

namespace P2P.Scribe.Simulation;

/// <summary>
/// Runs SCRIBE on a simulated overlay, in virtual time and on the calling thread: what is written against <see cref="IScribe"/> is tested with thousands of
/// nodes that crash when the test says so. The same seed and the same program give the same run.
/// </summary>
public sealed class ScribeSimulation
{
    private readonly ScribeSimulationOptions _options;

    /// <summary>Makes an empty world.</summary>
    /// <exception cref="ScribeException">An option is outside of its range.</exception>
    public ScribeSimulation(ScribeSimulationOptions? options = null)
    {
        _options = options ?? new();
        _options.Scribe.Validate();
        Overlay = new PastrySimulation(_options.Overlay);
    }

    /// <summary>The overlay: its nodes, its network, its time.</summary>
    public PastrySimulation Overlay { get; }

    /// <summary>Adds nodes and lets them join, and returns when all are ready.</summary>
    /// <returns>False where they did not all become ready within an hour of virtual time each.</returns>
    public bool Grow(int count) => Overlay.Grow(count, () => [NewNode()]);

    /// <summary>Adds a node that is up, and alone until it starts a ring or joins one.</summary>
    /// <param name="key">The node's key, which gives its place on the ring; default one drawn by the seed.</param>
    public SimulatedNode AddNode(SigningKey? key = null) => Overlay.AddNode([NewNode()], key);

    /// <summary>Starts another life of a node that has crashed or left; it joins through other nodes as a new one does.</summary>
    public void Restart(SimulatedNode node)
    {
        ArgumentNullException.ThrowIfNull(node);
        node.Restart([NewNode()]);
    }

    /// <summary>Gives SCRIBE on a node, in its present life.</summary>
    /// <exception cref="ArgumentException">The node is down, or it is not one of this world.</exception>
    public IScribe ScribeOf(SimulatedNode node)
    {
        ArgumentNullException.ThrowIfNull(node);
        return node.Modules is [ScribeNode scribe, ..] && Overlay.Find(node.Handle.Id) == node
            ? scribe
            : throw new ArgumentException($"Node {node.Handle} has no SCRIBE here now: it is down, or was added without it.", nameof(node));
    }

    /// <inheritdoc cref="PastrySimulation.Run(Func{Task}, TimeSpan)"/>
    public void Run(Func<Task> program, TimeSpan limit) => Overlay.Run(program, limit);

    /// <inheritdoc cref="PastrySimulation.Run{T}(Func{Task{T}}, TimeSpan)"/>
    public T Run<T>(Func<Task<T>> program, TimeSpan limit) => Overlay.Run(program, limit);

    private ScribeNode NewNode() => new(new ScribeNodeOptions { Protocol = _options.Scribe, LoggerFactory = _options.LoggerFactory });
}
