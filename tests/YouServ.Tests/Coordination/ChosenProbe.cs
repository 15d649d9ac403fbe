using System.Net;
using P2P.YouServ;

namespace YouServ.Tests.Coordination;

/// <summary>Reaches those whom the test says can be reached.</summary>
internal sealed class ChosenProbe : IPeerProbe
{
    public HashSet<IPAddress> Unreachable { get; } = [];

    public ValueTask<bool> IsReachableAsync(
        string host, IPAddress address, int port, bool isSecure, string tokenHash, CancellationToken cancellationToken)
    {
        lock (Unreachable)
        {
            return new(!Unreachable.Contains(address));
        }
    }
}
