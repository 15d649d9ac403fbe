using System.Diagnostics;
using System.Globalization;
using P2P.Past;
using P2P.Past.Simulation;
using P2P.Pastry;

namespace PaperFigures.Experiments.Storage;

/// <summary>Fills an archive with files until all have been offered, and counts what was refused and what was diverted on the way.</summary>
internal sealed class StorageRun
{
    private const int ReplicaCount = 5;

    /// <summary>How many inserts are under way at a time.</summary>
    private const int Window = 64;

    private readonly VirtualArchive _archive;
    private readonly long[] _sizes;
    private readonly double _capacity;
    private readonly double _lastCurvePoint = 1;
    private double _nextPoint = 0.01;
    private double _stored;
    private int _next;
    private int _ended;
    private int _failed;
    private int _resalted;
    private long _replicas;
    private long _diverted;

    private StorageRun(VirtualArchive archive, long[] sizes, double capacity)
    {
        _archive = archive;
        _sizes = sizes;
        _capacity = capacity;
    }

    /// <summary>What had happened when the archive was filled that far.</summary>
    public sealed record Point(double Utilisation, double Fail, double FileDiversion, double ReplicaDiversion);

    /// <summary>What came out.</summary>
    public sealed record Outcome(IReadOnlyList<Point> Curve, Point End, int Files, double WallSeconds, double MicrosecondsAnInsert, double VirtualSeconds)
    {
        /// <summary>Gives what had happened when a part of all room was used; null where it never was.</summary>
        public Point? At(double utilisation) => Curve.FirstOrDefault(point => point.Utilisation >= utilisation);
    }

    private List<Point> Curve { get; } = [];

    /// <summary>Runs an experiment.</summary>
    /// <param name="cell">The setting.</param>
    /// <param name="policy">Changes how nodes divert; as the paper has it, one neighbour is asked.</param>
    /// <param name="nodes">How many nodes join; the files are so many fewer than the paper's as the nodes are.</param>
    /// <param name="seed">Where all randomness comes from.</param>
    public static Outcome Measure(StorageCell cell, Func<PastOptions, PastOptions> policy, int nodes, ulong seed)
    {
        const int PaperNodes = 2_250;
        var random = new Random((int)seed);
        var past = new PastOptions
        {
            PrimaryThreshold = cell.PrimaryThreshold,
            DivertedThreshold = cell.DivertedThreshold,
            SaltsMax = cell.SaltsMax,
            DiversionsMax = 1,
            RoomyFactor = 1,

            // Nothing fails here, and there is nothing to repair.
            MaintenanceInterval = TimeSpan.FromDays(30),
        };
        var archive = new VirtualArchive(new()
        {
            Past = policy(past),
            Overlay = new() { Seed = seed, Pastry = new PastryOptions { LeafSetSize = cell.LeafSetSize } },
        });
        var watch = Stopwatch.StartNew();
        var capacities = cell.Capacities.Draw(nodes, random);
        if (!archive.Grow(capacities))
        {
            throw new InvalidOperationException($"The ring of {nodes} nodes did not form (seed {seed}).");
        }

        var grown = watch.Elapsed;
        var begun = archive.Overlay.Now;
        var run = new StorageRun(archive, cell.Workload.Draw((double)nodes / PaperNodes, random), capacities.Sum(capacity => (double)capacity));
        run.Fill();
        return new Outcome(
            run.Curve,
            run.Now(),
            run._sizes.Length,
            watch.Elapsed.TotalSeconds,
            (watch.Elapsed - grown).TotalMicroseconds / run._sizes.Length,
            (archive.Overlay.Now - begun).TotalSeconds);
    }

    private void Fill()
    {
        while (_next < Window && _next < _sizes.Length)
        {
            InsertNext();
        }

        if (!_archive.Overlay.RunUntil(() => _ended == _sizes.Length, TimeSpan.FromDays(10)))
        {
            throw new InvalidOperationException($"{_sizes.Length - _ended} inserts did not end.");
        }
    }

    private void InsertNext()
    {
        var size = _sizes[_next++];
        _archive.Insert(_archive.AnyNode(), size, ReplicaCount, (result, salts) => Count(result, salts, size));
    }

    private void Count(InsertResult result, int salts, long size)
    {
        _ended++;
        if (result is InsertResult.Stored)
        {
            _resalted += salts > 1 ? 1 : 0;
            _stored += (double)size * ReplicaCount;
            foreach (var receipt in result.Receipts)
            {
                _replicas++;
                _diverted += _archive.DiskOf(_archive.Overlay.Find(receipt.Holder)!).Contains(result.FileId) ? 0 : 1;
            }
        }
        else
        {
            _failed++;
        }

        while (_nextPoint < _lastCurvePoint && _stored / _capacity >= _nextPoint)
        {
            Curve.Add(Now() with { Utilisation = _nextPoint });
            if (Curve.Count % 5 == 0 || _nextPoint > 0.95)
            {
                Tell(Curve[^1]);
            }

            _nextPoint += 0.01;
        }

        if (_next < _sizes.Length)
        {
            InsertNext();
        }
    }

    /// <summary>A large archive takes many minutes: whoever waits sees how far it is, and what it has come to.</summary>
    private static void Tell(Point point) => Console.Error.WriteLine(
        string.Create(CultureInfo.InvariantCulture, $"{point.Utilisation:p0} used: {point.Fail:p3} failed, {point.FileDiversion:p2} of files and {point.ReplicaDiversion:p2} of replicas diverted"));

    private Point Now() => new(
        _stored / _capacity, (double)_failed / _ended, (double)_resalted / Math.Max(1, _ended - _failed), (double)_diverted / Math.Max(1, _replicas));
}
