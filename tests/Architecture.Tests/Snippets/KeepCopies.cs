using P2P.Past;

namespace Architecture.Tests.Snippets;

internal static class KeepCopies
{
    public static async Task<PastStore> RunAsync(IReplicaStore replicas)
    {
        // snippet: caching
        var copies = await DiskReplicaStore.OpenAsync(new() { Directory = "data/copies", CapacityBytes = 2L << 30, IsDurable = false });
        var past = new PastStore(new()
        {
            Replicas = replicas,
            Copies = copies,
            Cache = new()
            {
                CapacityBytes = 2L << 30,
                NewPolicy = () => new LeastRecentlyUsedPolicy(), // or an ICachePolicy of your own
            },
        });
        // end of snippet
        return past;
    }
}
