using P2P.Past;
using P2P.Past.Simulation;
using P2P.Pastry.Simulation;

namespace PaperFigures.Experiments.Durability;

/// <summary>Is one archive whose nodes came and went, and what became of its files.</summary>
internal sealed class DurabilityRun
{
    private const int InsertsAtOnce = 200;

    private static readonly TimeSpan Limit = TimeSpan.FromHours(24);

    private readonly ReplicaWatch _watch = new();
    private readonly VirtualArchive _archive;
    private readonly List<Moment> _moments = [];

    private DurabilityRun(Setup setup)
    {
        var lineRate = setup.MegabitsPerSecond * 1e6;
        _archive = new VirtualArchive(new()
        {
            Overlay = new PastrySimulationOptions { Seed = setup.Seed },
            CapacityBytes = long.MaxValue / 2,
            UplinkBitsPerSecond = lineRate,
            DownlinkBitsPerSecond = lineRate,
            ReplicaStored = _watch.Stored,
            ReplicaDropped = _watch.Dropped,
        });
    }

    /// <summary>How many inserts ended with all receipts.</summary>
    public long Acknowledged { get; private set; }

    /// <summary>How many of these files no disk holds any more, neither of a node that is up nor of one that would come back.</summary>
    public int Lost { get; private set; }

    public int Crashes { get; private set; }

    public int Returns { get; private set; }

    public double MeanUp { get; private set; }

    /// <summary>How many bytes of content maintenance has moved while nodes came and went.</summary>
    public long RepairBytes { get; private set; }

    /// <summary>How many events of the world that took.</summary>
    public long Events { get; private set; }

    /// <summary>The times from a file's first missing replica until it had k again, in seconds, the shortest first.</summary>
    public IReadOnlyList<double> RepairSeconds { get; private set; } = [];

    public IReadOnlyList<Moment> Moments => _moments;

    public static DurabilityRun Measure(Setup setup)
    {
        var run = new DurabilityRun(setup);
        if (!run._archive.Grow(setup.Nodes))
        {
            throw new InvalidOperationException($"The ring of {setup.Nodes} nodes did not form (seed {setup.Seed}).");
        }

        var files = run.InsertAll(setup);
        run.ComeAndGo(setup, files);
        return run;
    }

    private List<VirtualFile> InsertAll(Setup setup)
    {
        var (started, ended) = (0, 0);
        var stored = new List<VirtualFile>(setup.Files);
        for (var i = 0; i < InsertsAtOnce; i++)
        {
            InsertNext();
        }

        if (!_archive.Overlay.RunUntil(() => ended == setup.Files, Limit))
        {
            throw new InvalidOperationException($"{setup.Files - ended} inserts have not ended within {Limit} (seed {setup.Seed}).");
        }

        Acknowledged = stored.Count;
        return stored;

        void InsertNext()
        {
            if (started == setup.Files)
            {
                return;
            }

            started++;
            var file = _archive.NewFile(setup.FileBytes, setup.ReplicaCount);
            _archive.Insert(_archive.AnyNode(), file, result =>
            {
                ended++;
                if (result is InsertResult.Stored)
                {
                    stored.Add(file);
                }

                InsertNext();
            });
        }
    }

    private void ComeAndGo(Setup setup, List<VirtualFile> files)
    {
        var overlay = _archive.Overlay;
        var people = new ComingsAndGoings(_archive, _watch, setup.Session, setup.Absence, setup.Returning);
        _watch.Start(_archive);
        people.Start();
        var (begin, repaired, events, nodeSteps) = (overlay.Now, _archive.Counters.RepairedBytes, overlay.EventCount, 0L);
        for (var step = 0; step <= setup.Steps; step++)
        {
            nodeSteps += overlay.Nodes.Count(node => node.IsUp);
            _moments.Add(new Moment(
                (overlay.Now - begin).TotalHours,
                (double)_watch.Replicas / Math.Max(1, files.Count),
                (double)_watch.Deficient / Math.Max(1, files.Count),
                (double)_watch.Unavailable / Math.Max(1, files.Count)));
            if (step < setup.Steps)
            {
                overlay.Run(setup.Duration / setup.Steps);
            }
        }

        people.Stop();
        RepairSeconds = [.. _watch.RepairSeconds.Order()];
        (Crashes, Returns, MeanUp) = (people.Crashes, people.Returns, (double)nodeSteps / _moments.Count);
        (RepairBytes, Events) = (_archive.Counters.RepairedBytes - repaired, overlay.EventCount - events);
        Lost = CountLost(files, people);
    }

    private int CountLost(List<VirtualFile> files, ComingsAndGoings people)
    {
        VirtualDisk[] disks = [.. _archive.Overlay.Nodes.Where(node => node.IsUp || people.Away.Contains(node)).Select(_archive.DiskOf)];
        return files.Count(file => !Array.Exists(disks, disk => disk.Contains(file.FileId)));
    }

    /// <summary>Says what is run.</summary>
    internal sealed record Setup(
        ulong Seed, int Nodes, int Files, long FileBytes, int ReplicaCount, double MegabitsPerSecond, TimeSpan Session, TimeSpan Absence, double Returning, TimeSpan Duration)
    {
        /// <summary>How often replicas are counted.</summary>
        public int Steps => (int)Math.Max(10, Duration.TotalMinutes / 10);
    }

    /// <summary>Is what was seen at one time.</summary>
    /// <param name="Hours">When.</param>
    /// <param name="Replicas">Replicas on nodes that are up, a file.</param>
    /// <param name="Deficient">The fraction of files with fewer than k of them.</param>
    /// <param name="Unavailable">The fraction of files with none of them.</param>
    internal readonly record struct Moment(double Hours, double Replicas, double Deficient, double Unavailable);
}
