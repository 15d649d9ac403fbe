namespace Hosts.Steps;

/// <summary>Starts all nodes; the first is a ring of its own, and the others join through it.</summary>
internal sealed class Formation(Ring ring, Files files, List<StoredFile> stored) : Step(ring, files, stored)
{
    private const int FileCount = 8;
    private const int FileLength = 300_000;

    public override string Claim => "hosts form one ring, and files that one stores come back from another";

    public override async Task RunAsync(Figures figures, CancellationToken cancellationToken)
    {
        figures.Add("hosts", Ring.Hosts.Count);
        await figures.TimeAsync("form_seconds", FormAsync(cancellationToken));
        await figures.TimeAsync("store_and_fetch_seconds", ExchangeAsync(cancellationToken));
        figures.Add("files", Stored.Count);
    }

    private async Task FormAsync(CancellationToken cancellationToken)
    {
        var first = Ring.Hosts[0];
        first.Start();
        await Ring.WhenWholeAsync([first], cancellationToken);
        foreach (var host in Ring.Hosts.Skip(1))
        {
            host.Start(first);
        }

        await Ring.WhenWholeAsync(Ring.Hosts, cancellationToken);
    }

    private async Task ExchangeAsync(CancellationToken cancellationToken)
    {
        for (var i = 0; i < FileCount; i++)
        {
            var file = await Files.PutAsync(Ring.Hosts[i * 2], FileLength, cancellationToken);
            var holders = await Ring.HoldersAsync(file.Id, cancellationToken);
            Require(holders.Count >= 3, $"{holders.Count} hosts hold {file.Id}, and 3 should.");
            await Files.GetAsync(Ring.Hosts.First(host => !holders.Contains(host)), file, cancellationToken);
            Stored.Add(file);
        }
    }
}
