using System.Text;
using P2P.Past;
using P2P.Past.Simulation;

namespace Architecture.Tests.Snippets.Cookbook;

public sealed class SealedNotesTests
{
    private static readonly byte[] Key = [.. Enumerable.Range(0, 32).Select(number => (byte)number)];

    [Fact]
    public void Notes_outlive_a_tenth_of_ten_thousand_nodes()
    {
        // snippet: ten-thousand-nodes
        var world = new PastSimulation(new() { Overlay = new() { Seed = 7 } });
        world.Grow(10_000);
        using var notes = new SealedNotes(world.AnyStore(), world.Overlay.NextKey(), Key);
        world.Run(
            async () =>
            {
                var ids = new List<FileId>();
                for (var number = 0; number < 20; number++)
                {
                    ids.Add(await notes.WriteAsync($"note {number}", Encoding.UTF8.GetBytes($"Remember {number}.")));
                }

                foreach (var victim in world.Overlay.Nodes.Where(node => node.IsUp && world.Overlay.NextRandom(10) == 0).ToList())
                {
                    victim.Crash();
                }

                await Task.Delay(TimeSpan.FromMinutes(3), world.Overlay.Time); // no time at all
                using var reader = new SealedNotes(world.AnyStore(), world.Overlay.NextKey(), Key);
                for (var number = 0; number < ids.Count; number++)
                {
                    Assert.Equal($"Remember {number}.", Encoding.UTF8.GetString((await reader.ReadAsync(ids[number]))!));
                    Assert.Equal(3, world.HoldersOf(ids[number]).Count);
                }
            },
            limit: TimeSpan.FromHours(1));
        // end of snippet
    }

    [Fact]
    public void A_note_that_was_never_written_is_none()
    {
        var world = new PastSimulation(new() { Overlay = new() { Seed = 7 } });
        world.Grow(30);
        using var notes = new SealedNotes(world.AnyStore(), world.Overlay.NextKey(), Key);
        Assert.Null(world.Run(() => notes.ReadAsync(FileId.Parse(new string('a', 40))), TimeSpan.FromHours(1)));
    }
}
