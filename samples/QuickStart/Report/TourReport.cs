using System.Globalization;
using System.Text.Json.Serialization;
using P2P.Past;

namespace QuickStart;

/// <summary>Holds the figures of one run.</summary>
internal sealed record Report(
    int Nodes,
    int Files,
    long Bytes,
    int StoppedNodes,
    double MeanHops,
    double InsertSeconds,
    double RepairSeconds,
    double RestoreSeconds,
    double PeakRssMb,
    bool Equal)
{
    public IEnumerable<(string Name, string Value)> Rows(FileId manifest)
    {
        yield return ("Nodes, each with its own listener and folder", Show($"{Nodes}"));
        yield return ("Files and bytes stored", Show($"{Files:N0} files, {Bytes / 1e6:N1} MB"));
        yield return ("Replicas of each", Show($"{Defaults.Replicas}"));
        yield return ("Hops of a message, mean", Show($"{MeanHops:f2}"));
        yield return ("Stored in", Show($"{InsertSeconds:f1} s ({Bytes / 1e6 / InsertSeconds:f1} MB/s)"));
        yield return ("Nodes stopped dead", Show($"{StoppedNodes}"));
        yield return ("All replicas back after", Show($"{RepairSeconds:f1} s"));
        yield return ("Restored in", Show($"{RestoreSeconds:f1} s ({Bytes / 1e6 / RestoreSeconds:f1} MB/s)"));
        yield return ("Peak memory of the process", Show($"{PeakRssMb:f0} MB"));
        yield return ("Restored from the one id", manifest.ToString());
        yield return ("Every name and byte equal", Equal ? "yes" : "NO");
    }

    private static string Show(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(Report))]
internal sealed partial class ReportFormat : JsonSerializerContext;
