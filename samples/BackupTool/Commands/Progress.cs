using System.Text.Json.Nodes;
using BackupTool.Backup;

namespace BackupTool.Commands;

/// <summary>Shows how far something is, how fast it goes, and how long it may still take.</summary>
internal sealed record Progress(long Files, long FilesTotal, long Bytes, long BytesTotal, long Sent, TimeSpan Elapsed, bool IsTotalKnown)
{
    public double Fraction => BytesTotal + FilesTotal == 0 ? 0 : Math.Min(1, (double)(Bytes + Files) / (BytesTotal + FilesTotal));

    public double BytesPerSecond => Bytes / Math.Max(Elapsed.TotalSeconds, 0.001);

    /// <summary>How long it may still take; null where that can't be told yet.</summary>
    public TimeSpan? Remaining => IsTotalKnown && Fraction > 0.01 ? Elapsed * ((1 - Fraction) / Fraction) : null;

    public static Progress Of(Counters counters) =>
        new(counters.Files, counters.FilesTotal, counters.Bytes, counters.BytesTotal, counters.Sent, counters.Elapsed, counters.IsTotalKnown);

    public JsonObject ToJson()
    {
        var json = new JsonObject
        {
            ["files"] = Files,
            ["files_total"] = FilesTotal,
            ["bytes"] = Bytes,
            ["bytes_total"] = BytesTotal,
            ["stored_bytes"] = Sent,
            ["bytes_per_second"] = Math.Round(BytesPerSecond),
            ["seconds"] = Math.Round(Elapsed.TotalSeconds, 3),
        };
        if (Remaining is { } remaining)
        {
            json["eta_seconds"] = Math.Round(remaining.TotalSeconds, 1);
        }

        return json;
    }

    public override string ToString() =>
        $"{Files:N0} of {FilesTotal:N0} files, {Output.Bytes(Bytes)} of {Output.Bytes(BytesTotal)}, {Output.Bytes((long)BytesPerSecond)}/s"
        + (Remaining is { } remaining ? $", {remaining:h\\:mm\\:ss} left" : "");
}
