using System.Diagnostics;
using System.Diagnostics.Metrics;
using P2P.Scribe;

namespace Game;

/// <summary>Is what a party has done within a span: how old updates were when they arrived, and what that took.</summary>
/// <param name="Players">How many played in this process.</param>
/// <param name="Seconds">How long it was measured.</param>
/// <param name="Updates">How many updates stand behind the ages.</param>
/// <param name="UpdateP50Ms">The median age.</param>
/// <param name="UpdateP99Ms">What one of a hundred exceeds.</param>
/// <param name="MessagesPerPlayerSecond">Messages of the game that a player said and heard.</param>
/// <param name="BatchesPerPlayerSecond">Signed batches that a player's node sent to its neighbours in the trees, for itself and for others.</param>
/// <param name="BytesPerPlayerSecond">The bytes of these, signatures and keys included.</param>
/// <param name="JoinsPerPlayerSecond">Groups of areas that a player has joined.</param>
/// <param name="UnsaidPerPlayerSecond">What could not be said since the player was not a member yet.</param>
/// <param name="ProcessorUse">Processors that were busy with it.</param>
internal sealed record Measurement(
    int Players,
    double Seconds,
    long Updates,
    double UpdateP50Ms,
    double UpdateP99Ms,
    double MessagesPerPlayerSecond,
    double BatchesPerPlayerSecond,
    double BytesPerPlayerSecond,
    double JoinsPerPlayerSecond,
    double UnsaidPerPlayerSecond,
    double ProcessorUse)
{
    /// <summary>Measures a party for a span.</summary>
    public static async Task<Measurement> TakeAsync(Party party, TimeSpan span, CancellationToken cancellationToken)
    {
        using var process = Process.GetCurrentProcess();
        var before = SentInAll();
        var worked = process.TotalProcessorTime;
        var watch = Stopwatch.StartNew();
        party.Traffic.Clear();
        await Task.Delay(span, cancellationToken);
        var seconds = watch.Elapsed.TotalSeconds;
        process.Refresh();
        var use = (process.TotalProcessorTime - worked).TotalSeconds / seconds;
        var (traffic, after, count) = (party.Traffic, SentInAll(), Math.Max(1, party.Players.Count));
        double Each(double total) => Math.Round(total / count / seconds, 2);
        return new(
            party.Players.Count,
            Math.Round(seconds, 1),
            traffic.Updates,
            traffic.AgeMs(0.5),
            traffic.AgeMs(0.99),
            Each(traffic.Said + traffic.Heard),
            Each(after.Batches - before.Batches),
            Each(after.Bytes - before.Bytes),
            Each(traffic.Entered),
            Each(traffic.Unsaid),
            Math.Round(use, 2));
    }

    public IEnumerable<(string Name, string Value)> Rows()
    {
        yield return ("Players in this process", $"{Players}");
        yield return ("Updates from one to another", $"{Updates:N0} in {Seconds:f0} s");
        yield return ("Age of an update when it is on the other's page: median", $"{UpdateP50Ms:f1} ms");
        yield return ("... and of one in a hundred, at least", $"{UpdateP99Ms:f1} ms");
        yield return ("Messages that a player says and hears", $"{MessagesPerPlayerSecond:N0} /s");
        yield return ("Signed batches that its node sends", $"{BatchesPerPlayerSecond:N0} /s");
        yield return ("Their bytes", $"{BytesPerPlayerSecond:N0} B/s");
        yield return ("Groups that it joins, and leaves again", $"{JoinsPerPlayerSecond:f1} /s");
        yield return ("Processors at work", $"{ProcessorUse:f2}");
    }

    private static (long Batches, long Bytes) SentInAll()
    {
        long batches = 0, bytes = 0;
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, target) =>
        {
            if (instrument.Meter.Name == ScribeTelemetry.MeterName)
            {
                target.EnableMeasurementEvents(instrument);
            }
        };
        listener.SetMeasurementEventCallback<long>((instrument, value, _, _) =>
        {
            batches += instrument.Name == "p2p.scribe.batches_forwarded" ? value : 0;
            bytes += instrument.Name == "p2p.scribe.batch_bytes_forwarded" ? value : 0;
        });
        listener.Start();
        listener.RecordObservableInstruments();
        return (batches, bytes);
    }
}
