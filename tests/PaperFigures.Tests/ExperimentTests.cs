using System.Globalization;
using System.Text.Json;

namespace PaperFigures.Tests;

/// <summary>Each experiment runs, small, and what it writes can be read by people and programs everywhere.</summary>
public sealed class ExperimentTests
{
    public static TheoryData<string> Experiments => [.. SmallRun.CommandLines.Keys];

    [Fact]
    public void Every_experiment_has_a_small_run() =>
        Assert.Equal(Commands.NewRoot().Subcommands.Select(command => command.Name), SmallRun.CommandLines.Keys);

    [Theory]
    [InlineData("pastry-hops", "nodes mean_hops wrong_deliveries join_seconds lookups_per_second bytes_per_node lookups")]
    [InlineData(
        "pastry-locality",
        "nodes stretch stretch_perfect sphere_stretch sphere_stretch_perfect transit_stub_stretch transit_stub_stretch_perfect nearest_first nearest_two lookups")]
    [InlineData("pastry-churn", "lookups lost wrong control_per_node_second stretch stretch_median stretch_exclusive lost_bound_95 wrong_bound_95 crashes")]
    [InlineData("pastry-partition", "one_ring heal_seconds nodes lookups wrong")]
    [InlineData("past-churn", "acknowledged lost repair_seconds_p50 repair_seconds_p99 repair_bytes")]
    [InlineData(
        "past-storage",
        "success fail file_diversion replica_diversion utilisation fail_at_95 fail_at_80 fail_at_90 fail_at_98 files wall_seconds")]
    [InlineData("past-cache", "hit_gds hit_lru hops_gds hops_lru hops_none")]
    [InlineData("scribe-faults", "missed_before_replay missed out_of_order repair_p99_ms")]
    [InlineData("scribe", "rad_median rmd_median rad_max tables_mean entries_mean entries_max link_stress_mean link_stress_max")]
    [InlineData(
        "scribe-crawl",
        "root_messages root_messages_crawling busiest_messages busiest_messages_crawling delay_mean_ms delay_mean_crawling_ms delivered")]
    [InlineData(
        "yousearch",
        "first_p50_ms all_p50_ms all_p90_ms all_max_ms cached_p50_ms cached_network_p50_ms cached_searches false_contacts missed messages_saved_by_cache wrong trials")]
    public void Last_line_is_a_flat_object_with_the_promised_keys(string experiment, string keys)
    {
        using var json = JsonDocument.Parse(SmallRun.Of(experiment, CultureInfo.InvariantCulture).Json);
        var properties = json.RootElement.EnumerateObject().ToArray();
        Assert.Equal(keys.Split(' '), properties.Select(property => property.Name));
        var values = properties.SelectMany(property => property.Value.ValueKind == JsonValueKind.Array ? (JsonElement[])[.. property.Value.EnumerateArray()] : [property.Value]);
        Assert.All(values, value => Assert.True(value.ValueKind is JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False));
        Assert.All(properties.Where(property => property.Name is "wrong" or "wrong_deliveries" or "out_of_order" || (property.Name, experiment) is ("lost", "past-churn") or ("missed", "scribe-faults")), property => Assert.Equal(0, property.Value.GetDouble()));
    }

    [Theory]
    [MemberData(nameof(Experiments))]
    public void Table_is_well_formed(string experiment)
    {
        var rows = CsvText.Parse(SmallRun.Of(experiment, CultureInfo.InvariantCulture).Csv);
        Assert.True(rows.Count > 2);
        Assert.All(rows, row => Assert.Equal(rows[0].Count, row.Count));
        Assert.All(rows.Skip(1), row => Assert.NotEqual("", row[0]));
        Assert.DoesNotContain(rows.SelectMany(row => row), field => field.Contains("NaN", StringComparison.Ordinal) || field.Contains('∞', StringComparison.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Experiments))]
    public void Chart_is_well_formed_and_nothing_lies_outside(string experiment) =>
        SvgText.Check(SmallRun.Of(experiment, CultureInfo.InvariantCulture).Svg);

    [Theory]
    [MemberData(nameof(Experiments))]
    public void Habits_of_writing_numbers_change_nothing(string experiment)
    {
        var foreign = (CultureInfo)CultureInfo.InvariantCulture.Clone();
        foreign.NumberFormat = new NumberFormatInfo
        {
            NumberDecimalSeparator = "·",
            NumberGroupSeparator = "~",
            NegativeSign = "¬",
            PercentDecimalSeparator = "·",
            PercentGroupSeparator = "~",
        };
        var (here, there) = (SmallRun.Of(experiment, CultureInfo.InvariantCulture), SmallRun.Of(experiment, foreign));
        Assert.Equal(here.Svg, there.Svg);
        Assert.All([there.Printed, there.Csv], text => Assert.Equal(-1, text.AsSpan().IndexOfAny("·~¬")));
    }
}
