using P2P.Pastry.Transport;

namespace P2P.Pastry.Tests.Transport;

public sealed class TcpContractTests : TransportContract
{
    private protected override ITransport Create() => new TcpTransport(new TcpTransportOptions { Listen = [new NodeAddress("127.0.0.1", 0)] });
}
