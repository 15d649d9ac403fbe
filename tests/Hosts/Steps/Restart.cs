namespace Hosts.Steps;

/// <summary>Kills two of the three holders of a file, and starts them again with what is on their disks.</summary>
internal sealed class Restart(Ring ring, Files files, List<StoredFile> stored) : Step(ring, files, stored)
{
    private const int FileLength = 300_000;

    public override string Claim => "two hosts that are killed come back as the same nodes, and all files are there, meanwhile and after";

    public override async Task RunAsync(Figures figures, CancellationToken cancellationToken)
    {
        // Of an earlier file, both halves made replicas while they were apart, and some of these are not kept.
        var file = await Files.PutAsync(Ring.Hosts[0], FileLength, cancellationToken);
        Stored.Add(file);
        var holders = await Ring.HoldersAsync(file.Id, cancellationToken);
        Require(holders.Count >= 3, $"{holders.Count} hosts hold {file.Id}, and 3 should.");
        Host[] victims = [.. holders.Take(2)];
        Host[] others = [.. Ring.Hosts.Except(victims)];
        var before = await Ring.StatusAsync(victims, cancellationToken, file.Id);
        foreach (var victim in victims)
        {
            victim.Kill();
        }

        await figures.TimeAsync("notice_crash_seconds", Ring.WhenWholeAsync(others, cancellationToken));
        await FetchAllAsync(others, cancellationToken);

        foreach (var victim in victims)
        {
            victim.Start(others.Take(2));
        }

        await figures.TimeAsync("return_seconds", Ring.WhenWholeAsync(Ring.Hosts, cancellationToken));
        var after = await Ring.StatusAsync(victims, cancellationToken, file.Id);
        for (var i = 0; i < victims.Length; i++)
        {
            Require(after![i].Id == before![i].Id && after[i].Incarnation > before[i].Incarnation, $"Host {victims[i].Name} is not the node that it was, in a later life.");
            Require(after[i].Holds[file.Id], $"Host {victims[i].Name} has lost its replica of {file.Id}.");
        }

        await FetchAllAsync(Ring.Hosts, cancellationToken);
        figures.Add("files_at_the_end", Stored.Count);
    }

    private async Task FetchAllAsync(IReadOnlyList<Host> hosts, CancellationToken cancellationToken)
    {
        foreach (var file in Stored)
        {
            await Files.GetAsync(hosts[Stored.IndexOf(file) % hosts.Count], file, cancellationToken);
        }
    }
}
