using System.Globalization;
using System.Text.Json.Serialization;
using QuickStart.Files;
using QuickStart.Groups;
using QuickStart.Input;
using QuickStart.Ring;
using QuickStart.Search;
using QuickStart.Sets;
using QuickStart.Sites;

namespace QuickStart.Report;

/// <summary>Holds the figures of one tour, as its last line says them.</summary>
internal sealed record TourReport(
    int Nodes,
    int Files,
    long Bytes,
    int SkippedFiles,
    int StoppedNodes,
    double MeanHops,
    double InsertSeconds,
    double RepairSeconds,
    double RestoreSeconds,
    int GroupMembers,
    int GroupMessages,
    double GroupDeliveriesPerSecond,
    double GroupLatencyMs,
    double GroupSilenceSeconds,
    long GroupLost,
    bool GroupInOneOrder,
    int SetElements,
    int SetDifferences,
    long SetBytes,
    long SetListBytes,
    bool SetsEqual,
    int Sites,
    int SiteDocuments,
    double SiteDocumentsPerSecond,
    bool SitesEqual,
    bool SitesPrivate,
    int SearchMatches,
    double SearchFirstMs,
    double SearchLastMs,
    bool SearchExact,
    double TotalSeconds,
    double PeakRssMb,
    bool Equal)
{
    /// <summary>Whether everything was as it should be.</summary>
    [JsonIgnore]
    public bool IsGood => Equal && GroupInOneOrder && GroupLost == 0 && SetsEqual && SitesEqual && SitesPrivate && SearchExact;

    public static TourReport Of(
        InputFolder input, RingFigures ring, FileFigures files, GroupFigures groups, SetFigures sets, SiteFigures sites, SearchFigures search, TimeSpan total, double peakRssMb) =>
        new(
            ring.Nodes,
            input.Files.Count,
            input.Bytes,
            input.Skipped,
            files.StoppedNodes,
            Round(ring.MeanHops),
            Round(files.InsertSeconds),
            Round(files.RepairSeconds),
            Round(files.RestoreSeconds),
            groups.Members,
            groups.Messages,
            Round(groups.DeliveriesPerSecond),
            Round(groups.LatencyMs),
            Round(groups.SilenceSeconds),
            groups.Lost,
            groups.IsOneOrder,
            sets.Elements,
            sets.Differences,
            sets.Bytes,
            sets.ListBytes,
            sets.IsEqual,
            sites.Sites,
            sites.Documents,
            Round(sites.DocumentsPerSecond),
            sites.IsEqual,
            sites.IsClosed,
            search.Matches,
            Round(search.FirstMs),
            Round(search.LastMs),
            search.IsExact,
            Round(total.TotalSeconds),
            peakRssMb,
            files.IsEqual);

    public IEnumerable<(string Name, string Value)> Rows()
    {
        yield return ("Ring", Show($"{Nodes} nodes, {MeanHops:f2} hops a message"));
        yield return ("Files stored", Show($"{Files:N0} in {InsertSeconds:f1} s ({Bytes / 1e6 / InsertSeconds:f1} MB/s), {RingDefaults.Replicas} replicas each"));
        yield return ("All replicas back", Show($"{RepairSeconds:f1} s after {StoppedNodes} nodes were stopped dead"));
        yield return ("Files restored", Show($"in {RestoreSeconds:f1} s ({Bytes / 1e6 / RestoreSeconds:f1} MB/s), every byte equal: {Answer(Equal)}"));
        yield return ("Group", Show($"{GroupDeliveriesPerSecond:N0} deliveries/s, {GroupLatencyMs:f1} ms from saying to hearing"));
        yield return ("Its rendezvous point crashed", Show($"{GroupSilenceSeconds:f1} s of silence, {GroupLost} messages lost, one order: {Answer(GroupInOneOrder)}"));
        yield return ("Sets compared", Show($"{SetDifferences:N0} differences found with {SetBytes:N0} bytes instead of {SetListBytes:N0}: {Answer(SetsEqual)}"));
        yield return ("Sites", Show($"{Sites}, {SiteDocumentsPerSecond:N0} documents/s read by name, what is private stays so: {Answer(SitesPrivate)}"));
        yield return ("Search", Show($"{SearchMatches} of {SiteDocuments:N0} documents, first after {SearchFirstMs:f0} ms, all after {SearchLastMs:f0} ms, exact: {Answer(SearchExact)}"));
        yield return ("The whole tour", Show($"{TotalSeconds:f0} s, {PeakRssMb:f0} MB of memory at most"));
    }

    private static double Round(double value) => Math.Round(value, 3);

    private static string Answer(bool isSo) => isSo ? "yes" : "NO";

    private static string Show(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(TourReport))]
internal sealed partial class ReportFormat : JsonSerializerContext;
