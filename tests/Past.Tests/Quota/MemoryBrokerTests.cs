using P2P.Past;

namespace Past.Tests.Quota;

public sealed class MemoryBrokerTests : BrokerTests
{
    protected override Broker Open() => Broker.InMemory(Key, Options, Time);
}
