// snippet: embed-ring
using System.Text;
using P2P.Past;
using P2P.Pastry;
// end of snippet

namespace Architecture.Tests.Snippets;

internal static class EmbedRing
{
    public static async Task RunAsync()
    {
        // snippet: embed-ring
        await using var ring = await EmbeddedRing.StartAsync(new() { Directory = "data" });

        using var owner = SigningKey.LoadOrCreate("data/owner.key");
        if (await ring.Store.InsertAsync("notes", owner, "what I would not lose"u8.ToArray()) is InsertResult.Stored stored
            && await ring.Store.LookupAsync(stored.FileId) is LookupResult.Found found)
        {
            Console.WriteLine($"{stored.FileId}: {Encoding.UTF8.GetString(await found.File.ReadAllBytesAsync())}");
        }
        // end of snippet
    }

    public static async Task JoinAsync()
    {
        // snippet: join-ring
        await using var ring = await EmbeddedRing.StartAsync(new()
        {
            Directory = "data",
            Bootstraps = { NodeAddress.Parse("node.example:4000") },
            Tcp = node => new() { Listen = [new NodeAddress("0.0.0.0", 4000 + node)] }, // default: free ports
        });
        // end of snippet
    }
}
