using System.Collections.Immutable;

namespace P2P.Past;

/// <summary>Tells how it ended that an owner took a file back.</summary>
public abstract record ReclaimResult
{
    private ReclaimResult()
    {
    }

    /// <summary>
    /// Every node that should hold the file has answered, two at least that lie where neighbours of its id do (or this node is one itself), and those that
    /// held it have given it up. Copies may be left on nodes that were not there; they
    /// vanish when these come back, unless that takes longer than nodes remember (PAST §2.2: weaker than deletion).
    /// </summary>
    /// <param name="Receipts">The verified receipts of the nodes that gave a replica up, or had done so before.</param>
    public sealed record Reclaimed(ImmutableArray<ReclaimReceipt> Receipts) : ReclaimResult;

    /// <summary>Every node that should hold the file says that it does not, and never gave it up.</summary>
    public sealed record NotFound : ReclaimResult
    {
        private NotFound()
        {
        }

        /// <summary>The only one.</summary>
        public static NotFound Instance { get; } = new();
    }

    /// <summary>The file belongs to somebody else.</summary>
    public sealed record NotOwner : ReclaimResult
    {
        private NotOwner()
        {
        }

        /// <summary>The only one.</summary>
        public static NotOwner Instance { get; } = new();
    }

    /// <summary>Not everyone who should hold the file has answered, or too few to be sure that they are all; take it back once more later.</summary>
    /// <param name="Receipts">The verified receipts of the nodes that gave a replica up, or had done so before.</param>
    public sealed record Indeterminate(ImmutableArray<ReclaimReceipt> Receipts) : ReclaimResult;
}
