using System.Diagnostics.Metrics;

namespace P2P.YouSearch.Hosting;

/// <summary>Counts what a peer's searches and answers come to.</summary>
internal sealed class SearchMetrics
{
    private static readonly Meter ProcessMeter = new(YouSearchTelemetry.MeterName);

    private readonly Histogram<double> _durations;
    private readonly Counter<long> _sites;
    private readonly Counter<long> _answers;

    /// <param name="factory">Makes the meter; the process's if null.</param>
    public SearchMetrics(IMeterFactory? factory)
    {
        var meter = factory?.Create(new MeterOptions(YouSearchTelemetry.MeterName)) ?? ProcessMeter;
        _durations = meter.CreateHistogram<double>(YouSearchTelemetry.Prefix + "search_duration", "s", "How long searches took until their ends.");
        _sites = meter.CreateCounter<long>(YouSearchTelemetry.Prefix + "search_sites", "{site}", "What has become of the sites that might have had an answer.");
        _answers = meter.CreateCounter<long>(YouSearchTelemetry.Prefix + "answers", "{answer}", "Answers to other peers.");
    }

    public void Searched(SearchProgress progress, TimeSpan duration)
    {
        _durations.Record(duration.TotalSeconds, new KeyValuePair<string, object?>("outcome", progress.IsWhole ? "whole" : "partial"));
        Count("answered", progress.Answered - progress.Empty - progress.FromCache);
        Count("empty", progress.Empty);
        Count("cached", progress.FromCache);
        Count("silent", progress.Silent);
        Count("away", progress.Away);
    }

    public void Answered(bool hasAnswered) => _answers.Add(1, new KeyValuePair<string, object?>("outcome", hasAnswered ? "answered" : "busy"));

    private void Count(string outcome, int count)
    {
        if (count > 0)
        {
            _sites.Add(count, new KeyValuePair<string, object?>("outcome", outcome));
        }
    }
}
