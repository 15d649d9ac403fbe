namespace Hosts.Steps;

/// <summary>Loses one packet in a hundred, everywhere.</summary>
internal sealed class Loss(Ring ring, Files files, List<StoredFile> stored) : Step(ring, files, stored)
{
    private const double Fraction = 0.01;
    private const int FileLength = 300_000;

    public override string Claim => "with one packet in a hundred lost everywhere, files go in and out and nobody is found dead";

    public override async Task RunAsync(Figures figures, CancellationToken cancellationToken)
    {
        var before = await Ring.FailuresAsync(cancellationToken);
        foreach (var host in Ring.Hosts)
        {
            host.Link.Lose(Fraction);
        }

        await figures.TimeAsync("lossy_store_and_fetch_seconds", ExchangeAsync(cancellationToken));
        await Ring.WhenWholeAsync(Ring.Hosts, cancellationToken);
        var after = await Ring.FailuresAsync(cancellationToken);
        figures.Add("lossy_hop_timeouts", after.HopTimeouts - before.HopTimeouts);
        figures.Add("lossy_suspected", after.Suspected - before.Suspected);
        figures.Add("lossy_found_dead", after.FoundDead - before.FoundDead);
        foreach (var host in Ring.Hosts)
        {
            host.Link.Mend();
        }

        Require(after.FoundDead == before.FoundDead, $"{after.FoundDead - before.FoundDead} nodes were found dead, though all live.");
    }

    private async Task ExchangeAsync(CancellationToken cancellationToken)
    {
        foreach (var file in Stored.ToArray())
        {
            await Files.GetAsync(Ring.Hosts[Stored.IndexOf(file)], file, cancellationToken);
        }

        for (var i = 0; i < 4; i++)
        {
            var file = await Files.PutAsync(Ring.Hosts[i * 4], FileLength, cancellationToken);
            await Files.GetAsync(Ring.Hosts[Ring.Size - 1 - i], file, cancellationToken);
            Stored.Add(file);
        }
    }
}
