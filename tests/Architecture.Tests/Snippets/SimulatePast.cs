// snippet: simulate-past
using P2P.Past;
using P2P.Past.Simulation;
// end of snippet

namespace Architecture.Tests.Snippets;

public sealed class SimulatePast
{
    [Fact]
    public void File_outlives_two_of_its_holders()
    {
        // snippet: simulate-past
        var world = new PastSimulation(new() { Overlay = new() { Seed = 42 } });
        world.Grow(1000);
        var found = world.Run(
            async () =>
            {
                var stored = await world.AnyStore().InsertAsync("notes.txt", world.Overlay.NextKey(), "what I would not lose"u8.ToArray());
                foreach (var holder in world.HoldersOf(stored.FileId).Take(2))
                {
                    holder.Crash();
                }

                await Task.Delay(TimeSpan.FromMinutes(2), world.Overlay.Time); // no time at all
                Console.WriteLine($"{world.HoldersOf(stored.FileId).Count} nodes hold it again.");
                return await world.AnyStore().LookupAsync(stored.FileId);
            },
            limit: TimeSpan.FromHours(1));
        // end of snippet
        Assert.IsType<LookupResult.Found>(found);
    }
}
