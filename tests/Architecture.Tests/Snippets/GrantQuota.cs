using P2P.Past;
using P2P.Pastry;

namespace Architecture.Tests.Snippets;

internal static class GrantQuota
{
    public static async Task ServeAsync(IReplicaStore replicas, NodeAddress address)
    {
        // snippet: serve-quota
        var identity = PersistentIdentity.Load("data/identity");
        await using var broker = await Broker.OpenAsync("data/broker.db", identity.Key);
        var quota = new BrokerQuota(new() { Broker = broker.PublicKey, Serve = broker });
        var past = new PastStore(new() { Replicas = replicas, Brokers = { broker.PublicKey }, Quota = quota });
        await using var node = await PastryNode.StartAsync(new() { Identity = identity, Bootstraps = { address }, Modules = { past, quota } });
        // end of snippet
    }

    public static async Task UseAsync(IReplicaStore replicas, NodeAddress address, PublicKey broker, SigningKey owner)
    {
        // snippet: use-quota
        var quota = new BrokerQuota(new() { Broker = broker, Contribution = new StorageContribution(owner.PublicKey, CapacityBytes: 10L << 30) });
        var past = new PastStore(new() { Replicas = replicas, Brokers = { broker }, Quota = quota });
        await using var node = await PastryNode.StartAsync(new() { Bootstraps = { address }, Modules = { past, quota } });
        await node.WhenReadyAsync();

        Console.WriteLine(await past.InsertFileAsync("film.mkv", owner) switch
        {
            InsertResult.Stored stored => $"{stored.FileId} is stored with permit {stored.Certificate.Permit!.Serial}.",
            InsertResult.QuotaExceeded exceeded => $"{exceeded.UsedBytes} of {exceeded.GrantedBytes} bytes are used, and it needs {exceeded.NeededBytes}.",
            InsertResult.QuotaUnavailable => "The broker does not answer; try again later.",
            var other => $"{other}",
        });
        // end of snippet
    }
}
