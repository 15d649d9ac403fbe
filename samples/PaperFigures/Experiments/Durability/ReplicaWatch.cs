using P2P.Past;
using P2P.Past.Simulation;
using P2P.Pastry;
using P2P.Pastry.Simulation;

namespace PaperFigures.Experiments.Durability;

/// <summary>
/// Counts the replicas of each file on nodes that are up, and notes how long each file that fell below k had fewer: the oracle of an experiment in
/// which nodes come and go.
/// </summary>
internal sealed class ReplicaWatch
{
    private readonly Dictionary<FileId, Count> _files = [];
    private readonly List<double> _repairSeconds = [];
    private Func<Instant> _now = () => Instant.Zero;

    /// <summary>How many replicas there are, on nodes that are up.</summary>
    public long Replicas { get; private set; }

    /// <summary>How many files have fewer than k of them.</summary>
    public int Deficient { get; private set; }

    /// <summary>How many files have none.</summary>
    public int Unavailable { get; private set; }

    /// <summary>The times from a file's first missing replica until it had k again, in seconds.</summary>
    public IReadOnlyList<double> RepairSeconds => _repairSeconds;

    /// <summary>Begins to look at a clock; what happened before took no time.</summary>
    public void Start(VirtualArchive archive)
    {
        _now = () => archive.Overlay.Now;
        _repairSeconds.Clear();
    }

    public void Stored(SimulatedNode node, VirtualFile file) => Add(file);

    public void Dropped(SimulatedNode node, VirtualFile file) => Remove(file);

    /// <summary>Counts the replicas of a node that has come up with its disk.</summary>
    public void CameUp(VirtualDisk disk) => ForEach(disk, Add);

    /// <summary>Counts the replicas of a node that has crashed no more.</summary>
    public void WentDown(VirtualDisk disk) => ForEach(disk, Remove);

    private void Add(VirtualFile file)
    {
        var count = _files.GetValueOrDefault(file.FileId, new Count(0, null));
        Replicas++;
        Unavailable -= count is { Live: 0, Since: not null } ? 1 : 0;
        if (count.Live + 1 == file.ReplicaCount && count.Since is { } since)
        {
            Deficient--;
            _repairSeconds.Add((_now() - since).TotalSeconds);
            count = count with { Since = null };
        }

        _files[file.FileId] = count with { Live = count.Live + 1 };
    }

    private void Remove(VirtualFile file)
    {
        var count = _files[file.FileId];
        Replicas--;
        Unavailable += count.Live == 1 ? 1 : 0;
        if (count.Live == file.ReplicaCount)
        {
            Deficient++;
            count = count with { Since = _now() };
        }

        _files[file.FileId] = count with { Live = count.Live - 1 };
    }

    private static void ForEach(VirtualDisk disk, Action<VirtualFile> action)
    {
        var page = new StoredReplica[512];
        FileId? cursor = null;
        while (disk.List(KeyRange.All, cursor, page) is > 0 and var length)
        {
            foreach (var replica in page.AsSpan(0, length))
            {
                disk.TryFind(replica.FileId, out var file);
                action(file);
            }

            cursor = page[length - 1].FileId;
        }
    }

    private readonly record struct Count(int Live, Instant? Since);
}
