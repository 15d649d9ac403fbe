// snippet: embed-past
using P2P.Past;
using P2P.Pastry;
// end of snippet

namespace Architecture.Tests.Snippets;

internal static class EmbedPast
{
    public static async Task RunAsync()
    {
        // snippet: embed-past
        var replicas = await DiskReplicaStore.OpenAsync(new() { Directory = "data/replicas", CapacityBytes = 10L << 30 });
        var past = new PastStore(new() { Replicas = replicas });
        await using var node = await PastryNode.StartAsync(new()
        {
            Identity = PersistentIdentity.Load("data/identity"),
            Bootstraps = { NodeAddress.Parse("node.example:4000") },
            Modules = { past },
        });
        await node.WhenReadyAsync();

        using var owner = SigningKey.LoadOrCreate("data/owner.key");
        if (await past.InsertFileAsync("notes.txt", owner) is InsertResult.Stored stored
            && await past.LookupAsync(stored.FileId) is LookupResult.Found found)
        {
            await using var copy = File.Create("copy of notes.txt");
            await found.File.CopyToAsync(copy);
        }
        // end of snippet
    }
}
