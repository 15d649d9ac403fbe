using System.Diagnostics;
using P2P.Past;
using P2P.Past.Simulation;
using P2P.Pastry;
using P2P.Pastry.Simulation;
using PaperFigures.Experiments.Storage;

namespace PaperFigures.Experiments.Caching;

/// <summary>Lets clients insert and look up files while an archive fills up, and counts how lookups are answered on the way.</summary>
internal sealed class CachingRun
{
    private const int ReplicaCount = 5;

    /// <summary>At how many places a file is tried, as in the paper.</summary>
    private const int SaltsMax = 4;

    /// <summary>How many references are under way at a time.</summary>
    private const int Window = 64;

    private readonly VirtualArchive _archive;
    private readonly Reference[] _references;
    private readonly long[] _sizes;

    /// <summary>The files' ids, drawn before anything runs: a file lies at the same place whatever nodes cache.</summary>
    private readonly byte[] _ids;

    private readonly SimulatedNode[] _places;
    private readonly double _capacity;

    /// <summary>The files by their numbers: those that are stored.</summary>
    private readonly FileId?[] _stored;

    /// <summary>Who asks for a file that is just being inserted.</summary>
    private readonly Dictionary<int, List<SimulatedNode>> _arriving = [];

    private readonly Sample[] _samples = new Sample[100];
    private (long Searches, long Hops) _countedBefore;
    private double _storedBytes;
    private int _sample;
    private int _offered;
    private int _next;
    private int _ended;

    private CachingRun(VirtualArchive archive, Reference[] references, long[] sizes, byte[] ids, SimulatedNode[] places, double capacity)
    {
        _archive = archive;
        _references = references;
        _sizes = sizes;
        _ids = ids;
        _places = places;
        _capacity = capacity;
        _stored = new FileId?[sizes.Length];
        _countedBefore = archive.CountSearches();
    }

    /// <summary>How lookups were answered while a hundredth of all room filled up, or several.</summary>
    public readonly record struct Sample(long Lookups, long Hits, long Searches, long Hops)
    {
        public double HitRate => (double)Hits / Lookups;

        public double MeanHops => (double)Hops / Searches;

        public static Sample operator +(Sample a, Sample b) => new(a.Lookups + b.Lookups, a.Hits + b.Hits, a.Searches + b.Searches, a.Hops + b.Hops);
    }

    /// <summary>What came out: a sample for each hundredth of all room, and how many files found none.</summary>
    public sealed record Outcome(IReadOnlyList<Sample> Samples, int Refused, double WallSeconds, double MicrosecondsAReference)
    {
        /// <summary>Adds up what happened around a utilisation: from two hundredths below to two above.</summary>
        public Sample Around(double utilisation)
        {
            var middle = (int)Math.Round(utilisation * Samples.Count);
            return Samples.Take(Math.Max(0, middle - 2)..(middle + 2)).Aggregate((a, b) => a + b);
        }
    }

    /// <summary>Runs an experiment.</summary>
    /// <param name="policy">How nodes cache.</param>
    /// <param name="stream">Who asks for which file when.</param>
    /// <param name="nodes">How many nodes join.</param>
    /// <param name="seed">Where all randomness comes from.</param>
    public static Outcome Measure(CachePolicy policy, ReferenceStream stream, int nodes, ulong seed)
    {
        var random = new Random((int)seed);
        var lasting = TimeSpan.FromDays(300);
        var archive = new VirtualArchive(new()
        {
            // As in the paper: one neighbour is asked to take a replica, any file is cached by its client, and a copy has no age.
            Past = new PastOptions { DiversionsMax = 1, RoomyFactor = 1, InlineLengthMax = PastOptions.InlineLengthLimit, MaintenanceInterval = lasting },
            Cache = policy.New is { } newPolicy ? new CacheOptions { CapacityBytes = long.MaxValue, CopyLifetime = lasting, NewPolicy = newPolicy } : null,
            Overlay = new() { Seed = seed, Pastry = new PastryOptions { LeafSetSize = 32 }, Topology = Topologies.Plane(TimeSpan.FromMilliseconds(10), seed) },
        });
        var watch = Stopwatch.StartNew();
        var capacities = CapacityDistribution.D1.Draw(nodes, random);
        if (!archive.Grow(capacities))
        {
            throw new InvalidOperationException($"The ring of {nodes} nodes did not form (seed {seed}).");
        }

        var sizes = FileSizes.Web.Draw((double)stream.Files / FileSizes.Web.Count, random);
        var ids = new byte[sizes.Length * FileId.ByteLength];
        random.NextBytes(ids);
        var run = new CachingRun(
            archive, stream.Draw(random), sizes, ids, ClientPlaces.Draw(archive.Overlay, stream.Clients, stream.Logs, random), capacities.Sum(capacity => (double)capacity));
        var grown = watch.Elapsed;
        run.Replay();
        return new Outcome(
            run._samples,
            run._stored.Count(file => file is null),
            watch.Elapsed.TotalSeconds,
            (watch.Elapsed - grown).TotalMicroseconds / stream.References);
    }

    private void Replay()
    {
        for (var i = 0; i < Window; i++)
        {
            IssueNext();
        }

        if (!_archive.Overlay.RunUntil(() => _ended == _references.Length, TimeSpan.FromDays(100)))
        {
            throw new InvalidOperationException($"{_references.Length - _ended} references did not end.");
        }

        EndSample();
    }

    private void IssueNext()
    {
        while (_next < _references.Length && !TryIssue(_references[_next++]))
        {
            _ended++;
        }
    }

    /// <returns>False where the file was refused before, so that there is nothing to look up.</returns>
    private bool TryIssue(Reference reference)
    {
        var client = _places[reference.Client];
        if (reference.File == _offered)
        {
            _offered++;
            _arriving.Add(reference.File, []);
            Insert(reference.File, client, salt: 0);
        }
        else if (_stored[reference.File] is { } fileId)
        {
            _archive.Lookup(client, fileId, EndLookup);
        }
        else if (_arriving.TryGetValue(reference.File, out var waiting))
        {
            waiting.Add(client);
        }
        else
        {
            return false;
        }

        return true;
    }

    private void Insert(int file, SimulatedNode client, int salt)
    {
        // Each further salt is another quarter of the ring.
        Span<byte> id = [.. _ids.AsSpan(file * FileId.ByteLength, FileId.ByteLength)];
        id[0] += (byte)(salt * (256 / SaltsMax));
        var salted = new VirtualFile(FileId.FromBytes(id), _sizes[file], ReplicaCount);
        _archive.Insert(client, salted, result =>
        {
            if (result is InsertResult.Stored)
            {
                EndInsert(file, result);
                return;
            }

            _archive.Reclaim(client, salted, static _ => { });
            if (salt + 1 < SaltsMax)
            {
                Insert(file, client, salt + 1);
            }
            else
            {
                EndInsert(file, result);
            }
        });
    }

    private void EndInsert(int file, InsertResult result)
    {
        _arriving.Remove(file, out var waiting);
        if (result is InsertResult.Stored)
        {
            _stored[file] = result.FileId;
            _storedBytes += (double)_sizes[file] * ReplicaCount;
            waiting!.ForEach(client => _archive.Lookup(client, result.FileId, EndLookup));
            if (_storedBytes / _capacity * _samples.Length >= _sample + 1)
            {
                EndSample();
            }
        }
        else
        {
            waiting!.ForEach(_ => End());
        }

        End();
    }

    private void EndLookup(VirtualLookup result)
    {
        if (result is VirtualLookup.Found(var file, var holder))
        {
            ref var sample = ref _samples[_sample];
            sample = sample with
            {
                Lookups = sample.Lookups + 1,
                Hits = sample.Hits + (_archive.DiskOf(_archive.Overlay.Find(holder.Id)!).Contains(file.FileId) ? 0 : 1),
            };
        }

        End();
    }

    private void End()
    {
        _ended++;
        IssueNext();
    }

    private void EndSample()
    {
        var counted = _archive.CountSearches();
        ref var sample = ref _samples[_sample];
        sample = sample with { Searches = counted.Searches - _countedBefore.Searches, Hops = counted.Hops - _countedBefore.Hops };
        _countedBefore = counted;
        _sample = Math.Min((int)(_storedBytes / _capacity * _samples.Length), _samples.Length - 1);
    }
}
