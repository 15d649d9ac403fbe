using System.Text.Json;
using System.Text.Json.Serialization;

namespace Game;

/// <summary>Measures the same bots with areas of interest and without, one after the other.</summary>
internal static class Comparison
{
    private static readonly TimeSpan MeasuredByDefault = TimeSpan.FromSeconds(20);

    public static async Task<int> RunAsync(Settings settings, CancellationToken cancellationToken)
    {
        var screen = new Screen();
        var near = await MeasureAsync(settings with { IsEverything = false }, screen, cancellationToken);
        screen.WriteTable("With areas of interest", near.Rows());
        var all = await MeasureAsync(settings with { IsEverything = true }, screen, cancellationToken);
        screen.WriteTable("Without: everyone hears everything", all.Rows());
        Console.WriteLine(JsonSerializer.Serialize(
            new ComparisonReport(
                near.Players,
                settings.Rate,
                near.Seconds,
                near.UpdateP50Ms,
                near.UpdateP99Ms,
                near.MessagesPerPlayerSecond,
                near.BatchesPerPlayerSecond,
                near.BytesPerPlayerSecond,
                near.JoinsPerPlayerSecond,
                near.UnsaidPerPlayerSecond,
                near.ProcessorUse,
                near.Updates,
                all.UpdateP50Ms,
                all.UpdateP99Ms,
                all.MessagesPerPlayerSecond,
                all.BatchesPerPlayerSecond,
                all.BytesPerPlayerSecond,
                all.ProcessorUse,
                all.Updates,
                Trials: 1),
            ReportFormat.Default.ComparisonReport));
        return 0;
    }

    private static async Task<Measurement> MeasureAsync(Settings settings, Screen screen, CancellationToken cancellationToken)
    {
        await using var party = await Party.OpenAsync(settings);
        await party.FillAsync(withPerson: false, cancellationToken);
        if (!await SettleAsync(party, cancellationToken))
        {
            screen.WriteLine("Not all bots are in all of their groups yet; measuring all the same.");
        }

        return await Measurement.TakeAsync(party, settings.Duration ?? MeasuredByDefault, cancellationToken);
    }

    /// <summary>Waits until the bots are in their groups, and what it took to get there is over.</summary>
    /// <returns>False where that took too long.</returns>
    internal static async Task<bool> SettleAsync(Party party, CancellationToken cancellationToken)
    {
        var patience = TimeSpan.FromSeconds(30);
        var time = party.Clock;
        var begun = time.Now;
        while (!party.IsSettled)
        {
            if (time.Now - begun > patience.TotalSeconds)
            {
                return false;
            }

            await Task.Delay(TimeSpan.FromMilliseconds(100), cancellationToken);
        }

        await Task.Delay(TimeSpan.FromSeconds(2), cancellationToken);
        return true;
    }
}

/// <summary>Holds the figures of both; those without areas of interest begin with everything.</summary>
internal sealed record ComparisonReport(
    int Players,
    int RatePerSecond,
    double Seconds,
    double UpdateP50Ms,
    double UpdateP99Ms,
    double MessagesPerPlayerSecond,
    double BatchesPerPlayerSecond,
    double BytesPerPlayerSecond,
    double JoinsPerPlayerSecond,
    double UnsaidPerPlayerSecond,
    double ProcessorsBusy,
    long Updates,
    double EverythingUpdateP50Ms,
    double EverythingUpdateP99Ms,
    double EverythingMessagesPerPlayerSecond,
    double EverythingBatchesPerPlayerSecond,
    double EverythingBytesPerPlayerSecond,
    double EverythingProcessorsBusy,
    long EverythingUpdates,
    int Trials);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(ComparisonReport))]
[JsonSerializable(typeof(MatchReport))]
internal sealed partial class ReportFormat : JsonSerializerContext;
