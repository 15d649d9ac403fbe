using P2P.YouServ.Dns;

namespace Benchmarks.Search;

/// <summary>Tells nobody where sites are: who searches learns that from the registrar.</summary>
internal sealed class SilentDns : IDnsPublisher
{
    public ValueTask PublishAsync(IReadOnlyList<DnsRecordSet> changes, CancellationToken cancellationToken = default) => default;
}
