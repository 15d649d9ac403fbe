using P2P.YouServ.Dns;

namespace YouSearch.Tests.Registrar;

/// <summary>Tells nobody where sites are.</summary>
internal sealed class NoDns : IDnsPublisher
{
    public ValueTask PublishAsync(IReadOnlyList<DnsRecordSet> changes, CancellationToken cancellationToken = default) => default;
}
