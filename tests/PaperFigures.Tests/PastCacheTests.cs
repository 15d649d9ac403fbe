using System.Globalization;
using System.Text.Json;
using PaperFigures.Experiments.Caching;

namespace PaperFigures.Tests;

/// <summary>Caches shorten the ways of lookups, and who asks for which file is as it is said to be.</summary>
public sealed class PastCacheTests
{
    private static readonly ReferenceStream Stream = ReferenceStream.Web.Scaled(0.02);

    [Fact]
    public void Lookups_make_fewer_hops_with_caches_however_full_the_archive_is()
    {
        using var json = JsonDocument.Parse(SmallRun.Of("past-cache", CultureInfo.InvariantCulture).Json);
        var figures = json.RootElement.EnumerateObject().ToDictionary(property => property.Name, property => property.Value.EnumerateArray().Select(value => value.GetDouble()).ToArray());
        Assert.All(figures.Values, values => Assert.Equal(CachePolicy.Utilisations.Count, values.Length));

        // A ring of few nodes may end before it is full to the last mark.
        var (greedy, recent, none) = (figures["hops_gds"][..^1], figures["hops_lru"][..^1], figures["hops_none"][..^1]);
        Assert.All([.. figures["hit_gds"][..^1], .. figures["hit_lru"][..^1]], rate => Assert.InRange(rate, 0.05, 1));
        Assert.All([.. greedy.Zip(none), .. recent.Zip(none)], hops => Assert.InRange(hops.First, 0, hops.Second));
    }

    [Fact]
    public void Every_file_is_referred_to_and_the_files_are_numbered_in_the_order_of_first_references()
    {
        var known = 0;
        foreach (var reference in Stream.Draw(new Random(1)))
        {
            Assert.InRange(reference.File, 0, known);
            Assert.InRange(reference.Client, 0, Stream.Clients - 1);
            known = Math.Max(known, reference.File + 1);
        }

        Assert.Equal(Stream.Files, known);
    }

    [Fact]
    public void Popularity_falls_with_the_rank_as_Zipf_has_it()
    {
        double[] counts = [.. Stream.Draw(new Random(1)).CountBy(reference => reference.File).Select(file => (double)file.Value).OrderDescending()];

        // A straight line between logarithms, as far down as files are asked for more than a few times.
        int[] ranks = [1, 3, 10, 30, 100];
        Assert.All(ranks, rank => Assert.InRange(Math.Log10(counts[rank - 1] / counts[10 * rank - 1]), 0.95 * Stream.PopularityExponent, 1.05 * Stream.PopularityExponent));
    }

    [Fact]
    public void Most_files_are_asked_for_again_in_the_log_that_asked_first()
    {
        var references = Stream.Draw(new Random(1));
        var logs = new Dictionary<int, int>();
        var repetitions = references.Where(reference => !logs.TryAdd(reference.File, reference.Client % Stream.Logs)).ToArray();
        Assert.Equal(references.Length - Stream.Files, repetitions.Length);
        Assert.InRange(repetitions.Count(reference => logs[reference.File] == reference.Client % Stream.Logs), 0.5 * repetitions.Length, repetitions.Length);
    }
}
