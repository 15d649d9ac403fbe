namespace P2P.Past;

/// <summary>
/// Evicts the copy that has not been asked for the longest. Each change takes constant time; a hit allocates nothing. It keeps large files as willingly as
/// small ones: fewer hits than <see cref="GreedyDualSizePolicy"/>, and more bytes of them.
/// </summary>
public sealed class LeastRecentlyUsedPolicy : ICachePolicy
{
    private readonly Dictionary<FileId, LinkedListNode<FileId>> _nodes = [];

    /// <summary>The next to go stands first.</summary>
    private readonly LinkedList<FileId> _order = [];

    /// <inheritdoc/>
    public void Admitted(FileId fileId, long length)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(length, 1);
        var node = new LinkedListNode<FileId>(fileId);
        if (!_nodes.TryAdd(fileId, node))
        {
            throw new ArgumentException($"There is a copy of {fileId} already.", nameof(fileId));
        }

        _order.AddLast(node);
    }

    /// <inheritdoc/>
    public void Hit(FileId fileId)
    {
        if (_nodes.TryGetValue(fileId, out var node))
        {
            _order.Remove(node);
            _order.AddLast(node);
        }
    }

    /// <inheritdoc/>
    public void Removed(FileId fileId)
    {
        if (_nodes.Remove(fileId, out var node))
        {
            _order.Remove(node);
        }
    }

    /// <inheritdoc/>
    public bool TryEvict(out FileId fileId)
    {
        if (_order.First is not { } first)
        {
            fileId = default;
            return false;
        }

        fileId = first.Value;
        Removed(fileId);
        return true;
    }
}
