using System.Globalization;
using System.Security.Cryptography;
using P2P.Past;

namespace Benchmarks.Past;

/// <summary>Measures all operations on content of one length, in turns with the raw work of the same operation, and prints what it finds.</summary>
/// <param name="raw">The raw work.</param>
/// <param name="plan">How much is done.</param>
internal sealed class ArchiveMeter(RawArchive raw, Plan plan)
{
    private const int Nodes = 16;

    private readonly byte[] _content = RandomNumberGenerator.GetBytes(plan.Length);
    private readonly Dictionary<(Operation, int), (Figures Ours, Figures Raw)> _figures = [];
    private int _client;

    /// <summary>Measures over two rings of its own, whose replicas are in memory and below a directory.</summary>
    public async Task<Dictionary<(Operation Operation, int AtATime), (Figures Ours, Figures Raw)>> MeasureAsync(string directory)
    {
        await using var memory = await PastRing.StartAsync(Nodes, _ => Task.FromResult<IReplicaStore>(new MemoryReplicaStore(1L << 32)));
        await using var files = await PastRing.StartAsync(Nodes, async node =>
            await DiskReplicaStore.OpenAsync(new() { Directory = Path.Combine(directory, $"{node}"), CapacityBytes = 1L << 36 }));
        await WarmUpAsync(memory);
        await WarmUpAsync(files);
        foreach (var atATime in plan.AtATime)
        {
            await CompareAsync(
                atATime,
                (Operation.InsertIntoMemory, () => InsertAsync(memory, atATime), () => InsertRawAsync(atATime, isDurable: false)),
                (Operation.InsertIntoFiles, () => InsertAsync(files, atATime), () => InsertRawAsync(atATime, isDurable: true)));
        }

        await Pace.RunAsync(16, plan.Files, TimeSpan.MaxValue, (_, _) => memory.InsertAsync(_content));
        var away = memory.Publish();
        foreach (var atATime in plan.AtATime)
        {
            var seen = away;
            await CompareAsync(
                atATime,
                (Operation.LookUpCold, async () =>
                {
                    // Each round is another node's, which has not seen any of the certificates.
                    _client = (_client + 1) % memory.Clients;
                    var cold = await LookUpAsync(memory, atATime, Math.Min(away, plan.Most), file => file);
                    seen = cold.Count;
                    return cold;
                }, () => LookUpRawAsync(atATime, isCold: true)),
                (Operation.LookUp, () => LookUpAsync(memory, atATime, plan.Most, file => file % seen), () => LookUpRawAsync(atATime, isCold: false)));
        }

        return _figures;
    }

    private Task<Figures> InsertRawAsync(int atATime, bool isDurable) =>
        Pace.RunAsync(atATime, plan.Most, plan.Duration, (worker, _) => raw.InsertAsync(worker, _content, isDurable));

    private Task<Figures> LookUpRawAsync(int atATime, bool isCold) =>
        Pace.RunAsync(atATime, plan.Most, plan.Duration, (worker, _) => raw.LookUpAsync(worker, _content.Length, isCold));

    private Task<Figures> LookUpAsync(PastRing ring, int atATime, int most, Func<int, int> choose) =>
        Pace.RunAsync(atATime, most, plan.Duration, (_, number) => ring.LookUpAsync(_client, choose(number)));

    private async Task<Figures> InsertAsync(PastRing ring, int atATime)
    {
        var figures = await Pace.RunAsync(atATime, plan.Most, plan.Duration, (_, _) => ring.InsertAsync(_content));
        await ring.ReclaimAllButAsync(plan.FilesMax);
        return figures;
    }

    private async Task WarmUpAsync(PastRing ring)
    {
        await Pace.RunAsync(4, plan.Most, plan.WarmUp, (_, _) => ring.InsertAsync(_content));
        ring.Publish();
        await Pace.RunAsync(4, plan.Most, plan.WarmUp, (_, number) => ring.LookUpAsync(0, number));
        await ring.ReclaimAllButAsync(plan.FilesMax);
    }

    private async Task CompareAsync(int atATime, params (Operation Operation, Func<Task<Figures>> Ours, Func<Task<Figures>> Raw)[] operations)
    {
        var runs = operations.Select(_ => (Ours: new List<Figures>(), Raw: new List<Figures>())).ToArray();
        for (var round = 0; round < plan.Rounds; round++)
        {
            for (var i = 0; i < operations.Length; i++)
            {
                GC.Collect();
                runs[i].Ours.Add(await operations[i].Ours());
                runs[i].Raw.Add(await operations[i].Raw());
            }
        }

        for (var i = 0; i < operations.Length; i++)
        {
            var (ours, raw) = (Figures.MedianOf(runs[i].Ours), Figures.MedianOf(runs[i].Raw));
            _figures[(operations[i].Operation, atATime)] = (ours, raw);
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"| {plan.Name} | {Name(operations[i].Operation)} | {atATime} | {ours.PerSecond:n0} | {raw.PerSecond:n0} | {ours.PerSecond / raw.PerSecond:f2} | {ours.P50Milliseconds:f2} | {ours.P99Milliseconds:f1} | {raw.P50Milliseconds:f2} | {ours.CpuMicroseconds:n0} | {raw.CpuMicroseconds:n0} | {ours.Count:n0} |"));
        }
    }

    private static string Name(Operation operation) => operation switch
    {
        Operation.InsertIntoMemory => "insert, memory",
        Operation.InsertIntoFiles => "insert, durable",
        Operation.LookUpCold => "lookup, cold",
        _ => "lookup",
    };
}

/// <summary>Says what is done with content of one length.</summary>
/// <param name="Name">What the length is called.</param>
/// <param name="Length">The length, in bytes.</param>
/// <param name="AtATime">How many operations at a time.</param>
/// <param name="Rounds">How many rounds, of which medians are taken.</param>
/// <param name="Duration">After how long a round begins no more operations.</param>
/// <param name="WarmUp">How long inserts and lookups go on at each ring before anything is measured: what runs first runs in code that is not compiled well yet.</param>
/// <param name="Most">How many operations a round has at most.</param>
/// <param name="Files">How many files are stored for lookups, beside those of the inserts that were measured.</param>
/// <param name="FilesMax">So many stay after a round; the others are taken back.</param>
internal sealed record Plan(string Name, int Length, int[] AtATime, int Rounds, TimeSpan Duration, TimeSpan WarmUp, int Most, int Files, int FilesMax = int.MaxValue);

internal enum Operation
{
    InsertIntoMemory,
    InsertIntoFiles,

    /// <summary>The client has not verified the file's certificate before.</summary>
    LookUpCold,
    LookUp,
}
