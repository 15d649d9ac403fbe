using QuickStart.Input;
using QuickStart.Report;
using QuickStart.Ring;

namespace QuickStart.Groups;

/// <summary>Lets several authors talk in a group at once, and crashes the node that gives their messages an order.</summary>
internal static class GroupsChapter
{
    private const int AuthorsMax = 4;

    /// <summary>Messages that are published one after the other, to see how old they are when they come.</summary>
    private const int Single = 40;

    private const int Burst = 6000;

    private const int DuringCrash = 400;

    private const int TogetherInBurst = 256;

    private const int TogetherDuringCrash = 8;

    /// <summary>Another node takes over within seconds; where none does, there is nothing to wait for.</summary>
    private static readonly TimeSpan PatienceMax = TimeSpan.FromSeconds(90);

    /// <summary>While the rendezvous point crashes each author says something this often.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    public static async Task<GroupFigures> RunAsync(LocalRing ring, InputFolder input, Screen screen, CancellationToken cancellationToken)
    {
        screen.Chapter("Groups (SCRIBE)", "Messages go down a tree of nodes to all members, in one order for all. The tree mends itself, and so does its top.");
        var spoken = new Spoken(await InputLines.ReadAsync(input, Single + Burst + DuringCrash, cancellationToken));
        var members = ring.Live;
        Gathering? begun = null;
        await screen.RunAsync(
            $"All {members.Count} nodes joined one group", members.Count, async _ => begun = await Gathering.BeginAsync(members, spoken, cancellationToken));
        await using var gathering = begun!;
        var rendezvous = await gathering.RendezvousPointAsync(cancellationToken);
        Listener[] authors = [.. gathering.Live.Where(listener => listener != rendezvous).Take(AuthorsMax)];

        await screen.RunAsync($"Published {Single} lines of the folder's files one by one", Single, async report =>
        {
            for (var number = 0; number < Single; number++)
            {
                await gathering.PublishAsync(authors[0], [number], together: 1, TimeSpan.Zero, cancellationToken);
                report(1);
            }

            await gathering.WhenHeardAsync(Single, cancellationToken);
        });
        var latency = Median(gathering.Live.SelectMany(listener => listener.Ages.Take(Single)));
        screen.Result($"A line was {latency.TotalMilliseconds:f1} ms old when a member heard it (median).");

        var burst = await screen.RunAsync(
            $"{authors.Length} authors published {Burst:N0} lines at once", Burst, report => PublishAsync(gathering, authors, Single, Burst, TogetherInBurst, TimeSpan.Zero, cancellationToken));
        var deliveries = Burst * members.Count / burst.TotalSeconds;
        screen.Result($"{deliveries:N0} deliveries/s to {members.Count} members.");

        foreach (var listener in gathering.Live)
        {
            listener.BeginSilence();
        }

        await screen.RunAsync($"Stopped the rendezvous point dead amid {DuringCrash} more; all were heard", DuringCrash, async report =>
        {
            var rest = PublishAsync(gathering, authors, Single + Burst, DuringCrash, TogetherDuringCrash, Pause, cancellationToken);
            await gathering.WhenHeardAsync(Single + Burst + (DuringCrash / 4), cancellationToken);
            await LocalRing.KillAsync(rendezvous.Member);
            await rest.WaitAsync(PatienceMax, cancellationToken);
        });
        var silence = gathering.Live.Max(listener => listener.LongestSilence);
        IReadOnlyList<int>[] heard = [.. gathering.Live.Select(listener => listener.Heard)];
        var figures = new GroupFigures(
            members.Count,
            heard[0].Count,
            deliveries,
            latency.TotalMilliseconds,
            silence.TotalSeconds,
            OrderCheck.IsOneOrder(heard),
            OrderCheck.CountLost(heard, gathering.Published) + gathering.Live.Sum(listener => listener.Missed));
        screen.Result($"Nobody heard anything for {figures.SilenceSeconds:f1} s, until another node had taken over.");
        screen.Result(figures is { IsOneOrder: true, Lost: 0 }
            ? $"All {heard.Length} that live heard the same {figures.Messages:N0} messages in the same order."
            : $"The {heard.Length} that live did NOT hear the same: {figures.Lost} messages were lost{(OrderCheck.FindDifference(heard) is { } difference ? $", and {difference}" : "")}.");
        return figures;
    }

    /// <summary>Divides messages among authors, and waits until all members have heard them.</summary>
    private static async Task PublishAsync(Gathering gathering, Listener[] authors, int first, int count, int together, TimeSpan pause, CancellationToken cancellationToken)
    {
        await Task.WhenAll(authors.Select((author, index) => gathering.PublishAsync(
            author, Enumerable.Range(first, count).Where(number => number % authors.Length == index), together, pause, cancellationToken)));
        await gathering.WhenAllHeardAsync(cancellationToken);
    }

    private static TimeSpan Median(IEnumerable<TimeSpan> ages)
    {
        TimeSpan[] sorted = [.. ages.Order()];
        return sorted[sorted.Length / 2];
    }
}

/// <summary>Holds what the chapter has seen.</summary>
internal sealed record GroupFigures(int Members, int Messages, double DeliveriesPerSecond, double LatencyMs, double SilenceSeconds, bool IsOneOrder, long Lost);
