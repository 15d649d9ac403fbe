namespace Hosts.Steps;

/// <summary>Cuts the network into halves, and mends it.</summary>
internal sealed class Partition(Ring ring, Files files, List<StoredFile> stored) : Step(ring, files, stored)
{
    private const int FileLength = 300_000;

    public override string Claim => "halves that are cut off from each other are a ring each, and one again when the cut is mended";

    public override async Task RunAsync(Figures figures, CancellationToken cancellationToken)
    {
        foreach (var host in Ring.Lower)
        {
            host.Link.CutOff(Ring.UpperPart);
        }

        foreach (var host in Ring.Upper)
        {
            host.Link.CutOff(Ring.LowerPart);
        }

        await figures.TimeAsync(
            "cut_seconds",
            Task.WhenAll(Ring.WhenWholeAsync(Ring.Lower, cancellationToken), Ring.WhenWholeAsync(Ring.Upper, cancellationToken)));
        var lower = await Files.PutAsync(Ring.Lower[^1], FileLength, cancellationToken);
        var upper = await Files.PutAsync(Ring.Upper[0], FileLength, cancellationToken);

        foreach (var host in Ring.Hosts)
        {
            host.Link.Mend();
        }

        await figures.TimeAsync("reunite_seconds", Ring.WhenWholeAsync(Ring.Hosts, cancellationToken));
        await Files.GetAsync(Ring.Upper[^1], lower, cancellationToken);
        await Files.GetAsync(Ring.Lower[0], upper, cancellationToken);
        Stored.AddRange([lower, upper]);
        foreach (var file in Stored)
        {
            await Files.GetAsync(Ring.Hosts[Stored.IndexOf(file) % Ring.Size], file, cancellationToken);
        }
    }
}
