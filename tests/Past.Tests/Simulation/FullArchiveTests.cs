using P2P.Past;
using P2P.Past.Simulation;

namespace Past.Tests.Simulation;

/// <summary>An archive that is filled until most is refused: what is stored is so in full, and what is refused leaves nothing behind.</summary>
public sealed class FullArchiveTests
{
    private const int Nodes = 40;
    private const int Replicas = 3;
    private const int Files = 1_200;

    /// <summary>How many inserts are under way at a time: enough to compete for the same room.</summary>
    private const int Window = 32;

    private const int InlineMax = 32_768;
    private const int LengthMax = 150_000;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Disks_hold_nothing_but_the_replicas_of_stored_files_also_without_maintenance(ulong seed)
    {
        var archive = new VirtualArchive(new()
        {
            Overlay = new() { Seed = seed, Pastry = PastWorld.Quick },
            Past = new() { MaintenanceInterval = TimeSpan.FromDays(30) },
        });
        Assert.True(archive.Grow([.. Enumerable.Range(0, Nodes).Select(node => 200_000L * (1 + node % 8))]), $"seed {seed}: the ring did not form");
        var results = Fill(archive);
        archive.Overlay.Run(TimeSpan.FromMinutes(2));

        Assert.DoesNotContain(results, result => result is InsertResult.Indeterminate);
        var stored = results.OfType<InsertResult.Stored>().ToArray();
        Assert.True(results.Count - stored.Length > Files / 10, $"seed {seed}: the archive is not full yet, {stored.Length} of {Files} are stored");
        Assert.All(stored, result => Assert.Equal(Replicas, archive.HoldersOf(result.FileId).Count));
        Assert.Equal(stored.Sum(result => Replicas * result.Certificate.ContentLength), archive.Overlay.Nodes.Sum(node => archive.DiskOf(node).Usage.UsedBytes));
    }

    private static List<InsertResult> Fill(VirtualArchive archive)
    {
        var results = new List<InsertResult>();
        var begun = 0;
        for (var i = 0; i < Window; i++)
        {
            InsertNext();
        }

        Assert.True(archive.Overlay.RunUntil(() => results.Count == Files, TimeSpan.FromHours(10)), $"seed {archive.Overlay.Seed}: {Files - results.Count} inserts hang");
        return results;

        void InsertNext()
        {
            if (begun++ < Files)
            {
                // Half of it travels within messages, and half is fetched.
                var length = archive.Overlay.NextRandom(begun % 2 == 0 ? InlineMax : LengthMax);
                archive.Insert(archive.AnyNode(), length, Replicas, (result, _) =>
                {
                    results.Add(result);
                    InsertNext();
                });
            }
        }
    }
}
