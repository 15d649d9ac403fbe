using Microsoft.Extensions.DependencyInjection;
using P2P.Past;
using P2P.Pastry;

namespace Architecture.Tests.Snippets.Cookbook;

internal static class NodeInAHost
{
    public static void AddRing(IServiceCollection services, IReplicaStore replicas, AdmissionCertificate certificate, PublicKey authority)
    {
        // snippet: node-in-a-host
        services
            .AddPastry(options =>
            {
                options.Identity = PersistentIdentity.Load("data/identity") with { Certificate = certificate.Statement };
                options.PeerMemory = new FilePeerMemory("data/peers");
                options.Bootstraps.Add(NodeAddress.Parse("node.example:4000"));
            })
            .UseTcp(options =>
            {
                options.Listen = [new NodeAddress("::", 4000)];
                options.RingName = "example";
                options.Admission = new AuthorityAdmission(authority);
            })
            .AddPast(options => options.Replicas = replicas)
            .AddScribe();
        // end of snippet
    }
}
