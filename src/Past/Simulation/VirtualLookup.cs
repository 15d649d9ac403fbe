using P2P.Pastry;

namespace P2P.Past.Simulation;

/// <summary>Tells how a lookup in a <see cref="VirtualArchive"/> ended.</summary>
public abstract record VirtualLookup
{
    private VirtualLookup()
    {
    }

    /// <summary>A node gave the file, and all of its content has come.</summary>
    /// <param name="File">The file.</param>
    /// <param name="Holder">Who gave it; the node that looked it up, where it holds the file itself.</param>
    public sealed record Found(VirtualFile File, NodeHandle Holder) : VirtualLookup;

    /// <summary>Every node that should hold the file says that it does not.</summary>
    public sealed record NotFound : VirtualLookup
    {
        private NotFound()
        {
        }

        /// <summary>The only one.</summary>
        public static NotFound Instance { get; } = new();
    }

    /// <summary>Not everyone who might hold the file has answered, or nobody gave its content, or the node stopped.</summary>
    public sealed record Unreachable : VirtualLookup
    {
        private Unreachable()
        {
        }

        /// <summary>The only one.</summary>
        public static Unreachable Instance { get; } = new();
    }
}
