using System.Diagnostics;
using System.Text;
using P2P.Past;
using P2P.Pastry;

namespace QuickStart.Dashboard;

/// <summary>Keeps something going on in the ring: files are looked up, messages routed to random keys, and words said in the group.</summary>
internal sealed class Traffic(LiveShow show, HopWatch watch)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(350);

    /// <summary>Of so many turns, one is a word in the group.</summary>
    private const int SaysOneIn = 5;

    /// <summary>Of so many turns, one is a file that is looked up.</summary>
    private const int LooksOneIn = 2;

    private long _lookups;

    public long Lookups => Interlocked.Read(ref _lookups);

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(Pause);
        for (var turn = 0; await timer.WaitForNextTickAsync(cancellationToken); turn++)
        {
            if (turn % SaysOneIn == 0)
            {
                _ = SayAsync(cancellationToken);
            }
            else if (turn % LooksOneIn == 0)
            {
                _ = LookAsync(Random.Shared.Next(show.Shelf.Files.Count), cancellationToken);
            }
            else
            {
                await ProbeAsync(cancellationToken);
            }
        }
    }

    /// <summary>Looks a file up through a node that does not hold it, where there is one.</summary>
    public async Task LookAsync(int file, CancellationToken cancellationToken)
    {
        if (file < 0 || file >= show.Shelf.Files.Count || show.Ring.Live is not { Count: > 0 } live)
        {
            return;
        }

        var id = show.Shelf.Files[file].Id;
        var strangers = live.Where(member => member.Node.IsReady && !member.Past.Replicas.Contains(id)).ToArray();
        var by = strangers.Length > 0 ? strangers[Random.Shared.Next(strangers.Length)] : live[Random.Shared.Next(live.Count)];
        var watched = Stopwatch.StartNew();
        var isFound = false;
        try
        {
            using var activity = watch.Begin("look up");
            isFound = await by.Past.LookupAsync(id, cancellationToken) is LookupResult.Found;
        }
        catch (Exception exception) when (exception is PastException or PastryException or OperationCanceledException)
        {
            // The node that was asked has stopped meanwhile.
            return;
        }

        Interlocked.Increment(ref _lookups);
        show.Tell(new FoundNews("found", file, by.Number, isFound, Math.Round(watched.Elapsed.TotalMilliseconds, 1)));
    }

    /// <summary>Lets any member say something, and tells when the group has taken it.</summary>
    public async Task SayAsync(CancellationToken cancellationToken)
    {
        if (show.Seated is not { Count: > 0 } seated)
        {
            return;
        }

        var (member, seat) = seated[Random.Shared.Next(seated.Count)];
        try
        {
            if (await seat.SayAsync(Encoding.UTF8.GetBytes($"Greetings of {member.Node.Handle.Id}"), cancellationToken))
            {
                show.Tell(new SaidNews("said", member.Number));
            }
        }
        catch (OperationCanceledException)
        {
            // The dashboard stops.
        }
    }

    private async Task ProbeAsync(CancellationToken cancellationToken)
    {
        var ready = show.Ring.Live.Where(member => member.Node.IsReady).ToArray();
        if (ready.Length == 0)
        {
            return;
        }

        try
        {
            using var activity = watch.Begin("probe");
            await ready[Random.Shared.Next(ready.Length)].Probe.RouteAsync(NodeId.FromText($"{Random.Shared.NextInt64()}"), ReadOnlyMemory<byte>.Empty, cancellationToken: cancellationToken);
        }
        catch (PastryException)
        {
            // The node has stopped meanwhile.
        }
    }
}
