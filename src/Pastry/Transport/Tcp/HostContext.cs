using Microsoft.Extensions.Logging;

namespace P2P.Pastry.Transport.Tcp;

/// <summary>Is what all parts of one host's transport share.</summary>
/// <remarks>
/// The session tells this life of the host from others. Aborting is set when farewells have been said and nothing is waited for any more.
/// </remarks>
internal sealed record HostContext(
    TcpTransportOptions Options,
    HostIdentity Identity,
    LocalNodes Nodes,
    DelegationVerifier Verifier,
    HandlerGuard Handler,
    TransportMetrics Metrics,
    ILogger Logger,
    ulong Session,
    CancellationToken Aborting)
{
    public TimeProvider Time => Options.Time;

    /// <summary>Makes what this host opens a control connection with.</summary>
    public Hello Hello(LocalNodes.Entry?[] nodes) => new(
        Verdict.Accepted,
        Options.Versions,
        Options.RingName,
        Session,
        [.. nodes.Where(entry => entry is not null).Select(entry => new HelloNode((ushort)entry!.Node.Index, entry.Statement, entry.Certificate))]);
}
