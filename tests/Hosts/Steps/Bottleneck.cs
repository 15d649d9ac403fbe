namespace Hosts.Steps;

/// <summary>Gives some hosts a narrow wire, and sends a large file through two of these.</summary>
internal sealed class Bottleneck(Ring ring, Files files, List<StoredFile> stored) : Step(ring, files, stored)
{
    private const int Megabits = 20;
    private const int FileLength = 16_000_000;

    public override string Claim => "while a large file fills narrow wires, nobody is found dead";

    public override async Task RunAsync(Figures figures, CancellationToken cancellationToken)
    {
        Host[] narrow = [.. Ring.Hosts.Where((_, index) => index % 4 == 0)];
        var before = await Ring.FailuresAsync(cancellationToken);
        foreach (var host in narrow)
        {
            host.Link.Limit(Megabits);
        }

        var storing = Files.PutAsync(narrow[0], FileLength, cancellationToken);
        await figures.TimeAsync("narrow_store_seconds", storing);
        var file = await storing;
        await figures.TimeAsync("narrow_fetch_seconds", Files.GetAsync(narrow[^1], file, cancellationToken));
        Stored.Add(file);

        await Ring.WhenWholeAsync(Ring.Hosts, cancellationToken);
        var after = await Ring.FailuresAsync(cancellationToken);
        figures.Add("narrow_hop_timeouts", after.HopTimeouts - before.HopTimeouts);
        figures.Add("narrow_suspected", after.Suspected - before.Suspected);
        figures.Add("narrow_found_dead", after.FoundDead - before.FoundDead);
        foreach (var host in narrow)
        {
            host.Link.Unlimit();
        }

        Require(after.FoundDead == before.FoundDead, $"{after.FoundDead - before.FoundDead} nodes were found dead, though all live.");
    }
}
