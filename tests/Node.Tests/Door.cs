using System.Net;
using System.Net.Sockets;

namespace Node.Tests;

/// <summary>Is an address at which nobody is at home at first, and a node later: it keeps its port all the time, so that no other program takes it.</summary>
internal sealed class Door : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _closing = new();
    private volatile IPEndPoint? _behind;

    public Door()
    {
        _listener.Start();
        _ = AcceptAsync();
    }

    public string Address => _listener.LocalEndpoint.ToString()!;

    /// <summary>Leads whoever comes from now on to a node.</summary>
    public void OpenTo(string address) => _behind = IPEndPoint.Parse(address);

    public void Dispose()
    {
        _closing.Cancel();
        _listener.Dispose();
        _closing.Dispose();
    }

    private async Task AcceptAsync()
    {
        var closing = _closing.Token;
        while (!closing.IsCancellationRequested)
        {
            try
            {
                _ = LeadAsync(await _listener.AcceptTcpClientAsync(closing), closing);
            }
            catch (Exception exception) when (exception is SocketException or OperationCanceledException or ObjectDisposedException)
            {
                // The door closes, or who came has gone already.
            }
        }
    }

    private async Task LeadAsync(TcpClient guest, CancellationToken closing)
    {
        using (guest)
        {
            if (_behind is not { } behind)
            {
                return;
            }

            using var host = new TcpClient();
            try
            {
                await host.ConnectAsync(behind, closing);
                await Task.WhenAll(PassAsync(guest, host, closing), PassAsync(host, guest, closing));
            }
            catch (Exception exception) when (exception is IOException or SocketException or OperationCanceledException)
            {
                // One of the two has gone.
            }
        }
    }

    private static async Task PassAsync(TcpClient from, TcpClient to, CancellationToken closing)
    {
        await from.GetStream().CopyToAsync(to.GetStream(), closing);
        to.Client.Shutdown(SocketShutdown.Send);
    }
}
