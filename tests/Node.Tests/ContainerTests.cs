using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using P2P.Past;
using P2P.Pastry;

namespace Node.Tests;

public sealed class ContainerTests : IDisposable
{
    private readonly Workplace _work = new();

    public void Dispose() => _work.Dispose();

    [Fact]
    public async Task A_host_starts_the_node_that_is_injected_and_stops_it()
    {
        var time = new OwnTime();
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddSingleton<TimeProvider>(time).AddSingleton<IReplicaStore>(new MemoryReplicaStore(1 << 20));
        builder.Services.AddPastry(options => options.InboxCapacity = 64).UseTcp(ListenOnLoopback).AddPast();
        builder.Services.AddPastry(options => options.InboxCapacity = 32).AddPast();
        using var host = builder.Build();

        await host.StartAsync(_work.Patience);
        var node = host.Services.GetRequiredService<PastryNode>();
        await node.WhenReadyAsync(_work.Patience);
        Assert.Equal("127.0.0.1", node.Handle.Address.Host);
        Assert.Same(time, node.Time);
        Assert.Same(host.Services.GetRequiredService<PastStore>(), host.Services.GetRequiredService<IPastStore>());
        Assert.IsType<LookupResult.NotFound>(await host.Services.GetRequiredService<IPastStore>().LookupAsync(FileId.Parse(new string('a', 40)), _work.Patience));

        await host.StopAsync(_work.Patience);
        await Assert.ThrowsAsync<PastryException>(() => node.WhenReadyAsync(_work.Patience).AsTask());
    }

    [Fact]
    public async Task Several_nodes_live_in_one_container_by_name()
    {
        var services = new ServiceCollection();
        var endpoint = new PastryEndpoint("tests/endpoint");
        services.AddPastry("a").UseTcp(ListenOnLoopback).AddPast(options => options.Replicas = new MemoryReplicaStore(1 << 20));
        services.AddPastry("b").UseTcp(ListenOnLoopback).AddModule(endpoint);
        services.AddOptions<PastryNodeOptions>("b").Configure<IServiceProvider>(
            (options, provider) => options.Bootstraps.Add(provider.GetRequiredKeyedService<PastryNode>("a").Handle.Address));
        await using var provider = services.BuildServiceProvider();

        var a = provider.GetRequiredKeyedService<PastryNode>("a");
        await a.StartAsync(_work.Patience);
        var b = provider.GetRequiredKeyedService<PastryNode>("b");
        await b.StartAsync(_work.Patience);
        await b.WhenReadyAsync(_work.Patience);

        Assert.Contains(a.Handle, b.Neighbors);
        Assert.NotNull(provider.GetKeyedService<IPastStore>("a"));
        Assert.Null(provider.GetKeyedService<IPastStore>("b"));
        Assert.Null(provider.GetService<PastryNode>());
        await endpoint.SendAsync(b.Handle, new byte[1], _work.Patience);
    }

    [Fact]
    public async Task Past_asks_the_broker_that_its_container_names()
    {
        using var key = SigningKey.Create();
        await using var broker = Broker.InMemory(key);
        var services = new ServiceCollection();
        services.AddPastry("a").AddPast(past => past.Replicas = new MemoryReplicaStore(1 << 20)).AddBrokerQuota(quota => quota.Broker = broker.PublicKey);
        services.AddPastry("b").AddPast(past => past.Replicas = new MemoryReplicaStore(1 << 20));
        await using var provider = services.BuildServiceProvider();

        Assert.Same(provider.GetRequiredKeyedService<BrokerQuota>("a"), provider.GetRequiredService<IOptionsMonitor<PastStoreOptions>>().Get("a").Quota);
        Assert.Null(provider.GetRequiredService<IOptionsMonitor<PastStoreOptions>>().Get("b").Quota);
        Assert.NotNull(provider.GetRequiredKeyedService<PastryNode>("a"));
        services.AddPastry("c").AddBrokerQuota();
        await using var incomplete = services.BuildServiceProvider();
        Assert.Contains("Broker", Assert.Throws<PastException>(() => incomplete.GetRequiredKeyedService<PastryNode>("c")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_node_that_was_never_started_gives_its_replicas_free()
    {
        var options = new DiskReplicaStoreOptions { Directory = _work.PathOf("replicas"), CapacityBytes = 1 << 20 };
        var services = new ServiceCollection();
        var replicas = await DiskReplicaStore.OpenAsync(options, _work.Patience);
        services.AddPastry().AddPast(past => past.Replicas = replicas);
        await using (var provider = services.BuildServiceProvider())
        {
            Assert.NotNull(provider.GetRequiredService<PastryNode>());
        }

        await using var again = await DiskReplicaStore.OpenAsync(options, _work.Patience);
    }

    [Fact]
    public async Task Past_without_a_store_says_what_is_missing()
    {
        var services = new ServiceCollection();
        services.AddPastry().AddPast();
        await using var provider = services.BuildServiceProvider();

        Assert.Contains("Replicas", Assert.Throws<PastException>(provider.GetRequiredService<PastryNode>).Message, StringComparison.Ordinal);
    }

    private static void ListenOnLoopback(P2P.Pastry.Transport.TcpTransportOptions options) => options.Listen = [new NodeAddress("127.0.0.1", 0)];

    private sealed class OwnTime : TimeProvider;
}
