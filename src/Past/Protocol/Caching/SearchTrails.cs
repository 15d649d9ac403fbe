using P2P.Pastry;

namespace P2P.Past.Protocol;

/// <summary>
/// Remembers for a while which searches have passed this node: where each came from, as the transport has proven, and where it went. Only along these ways, backwards,
/// is anybody told that a file was found, and from nobody else is it believed.
/// </summary>
/// <remarks>
/// At the common bound, at a neighbour's quarter of it and at a file's own, further searches are not remembered: a file that is asked for that often passes by again.
/// </remarks>
internal sealed class SearchTrails
{
    public const int FileMax = 16;

    private const int Max = 16_384;
    private const int NeighborMax = Max / 4;

    private static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(1);

    private readonly Dictionary<FileId, List<Trail>> _trails = [];
    private readonly Queue<(FileId FileId, Trail Trail)> _byAge = [];
    private readonly Tally _counts = new();

    /// <summary>Remembers that a search has passed.</summary>
    /// <param name="fileId">The file.</param>
    /// <param name="from">Where it came from.</param>
    /// <param name="isClient">Whether that is the client itself, who gets the content, and needs no hint.</param>
    /// <param name="to">Where it went; this node, where it was answered here.</param>
    /// <param name="now">The node's clock.</param>
    public void Add(FileId fileId, NodeHandle from, bool isClient, NodeId to, Instant now)
    {
        Forget(now);
        if (_byAge.Count >= Max || _counts[from.Id] >= NeighborMax)
        {
            return;
        }

        if (!_trails.TryGetValue(fileId, out var trails))
        {
            _trails.Add(fileId, trails = new List<Trail>(1));
        }

        // Of two searches on the same way, one is as good.
        if (trails.Count < FileMax && !Has(trails, from.Id, isClient, to))
        {
            var trail = new Trail(from, isClient, to, now + Lifetime);
            trails.Add(trail);
            _byAge.Enqueue((fileId, trail));
            _counts.Add(from.Id, 1);
        }
    }

    /// <summary>Takes out the trails on which a file went to a node.</summary>
    /// <param name="fileId">The file.</param>
    /// <param name="to">Where it went.</param>
    /// <param name="now">The node's clock.</param>
    /// <param name="waiting">The nodes from which the searches came, and that are no clients.</param>
    /// <returns>False where no search for the file went there.</returns>
    public bool TryTake(FileId fileId, NodeId to, Instant now, out IReadOnlyList<NodeHandle> waiting)
    {
        Forget(now);
        waiting = [];
        if (!_trails.TryGetValue(fileId, out var trails))
        {
            return false;
        }

        List<NodeHandle>? from = null;
        foreach (var trail in trails)
        {
            if (trail.To == to)
            {
                trail.IsTaken = true;
                _counts.Add(trail.From.Id, -1);
                if (!trail.IsClient)
                {
                    (from ??= []).Add(trail.From);
                }
            }
        }

        var hasTaken = trails.RemoveAll(static trail => trail.IsTaken) > 0;
        if (trails.Count == 0)
        {
            _trails.Remove(fileId);
        }

        waiting = from ?? waiting;
        return hasTaken;
    }

    private static bool Has(List<Trail> trails, NodeId from, bool isClient, NodeId to)
    {
        foreach (var trail in trails)
        {
            if (trail.From.Id == from && trail.IsClient == isClient && trail.To == to)
            {
                return true;
            }
        }

        return false;
    }

    private void Forget(Instant now)
    {
        while (_byAge.TryPeek(out var oldest) && oldest.Trail.Due <= now)
        {
            // One that was taken out has kept its place in the queue, which bounds how many there are in its time.
            _byAge.Dequeue();
            if (oldest.Trail.IsTaken)
            {
                continue;
            }

            _counts.Add(oldest.Trail.From.Id, -1);
            var trails = _trails[oldest.FileId];
            trails.Remove(oldest.Trail);
            if (trails.Count == 0)
            {
                _trails.Remove(oldest.FileId);
            }
        }
    }

    private sealed class Trail(NodeHandle from, bool isClient, NodeId to, Instant due)
    {
        public NodeHandle From => from;

        public bool IsClient => isClient;

        public NodeId To => to;

        public Instant Due => due;

        public bool IsTaken { get; set; }
    }
}
