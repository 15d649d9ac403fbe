using Microsoft.Extensions.Time.Testing;
using P2P.Pastry.Transport;

namespace P2P.Pastry.Tests.Transport;

/// <summary>Starts TCP transports on loopback with what a test wants to change.</summary>
internal static class TcpTestHost
{
    public static readonly DateTimeOffset Epoch = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public static async Task<TestHost> StartAsync(Action<TcpTransportOptions>? change = null, SigningKey? key = null, ulong incarnation = 1)
    {
        var options = new TcpTransportOptions { Listen = [new NodeAddress("127.0.0.1", 0)] };
        change?.Invoke(options);
        return await new TestHost(new TcpTransport(options)).StartAsync(key, incarnation);
    }

    public static FakeTimeProvider ClockAt(TimeSpan sinceEpoch) => new(Epoch + sinceEpoch);
}
