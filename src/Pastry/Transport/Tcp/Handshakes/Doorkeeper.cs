using System.Net;
using System.Net.Sockets;
using System.Security.Authentication;

namespace P2P.Pastry.Transport.Tcp;

/// <summary>Receives strangers: lets in who proves in time what it claims, and turns away everybody else at a bounded cost.</summary>
internal sealed class Doorkeeper(HostContext host, ConnectionTable connections, StreamAcceptor streams, TaskSet tasks)
{
    private readonly HandshakeLimiter _limiter = new(host.Options);

    public void Receive(Socket socket)
    {
        if (RemoteEnd(socket) is not { } remote)
        {
            socket.Dispose();
            host.Metrics.HandshakeRefused("broken");
            return;
        }

        // Connections that are about to end count, so that a crowd of them is bounded too.
        var refusal = connections.Count >= host.Options.ConnectionsMax * 2 ? "full" : _limiter.TryEnter(remote.Address);
        if (refusal is not null)
        {
            socket.Dispose();
            host.Metrics.HandshakeRefused(refusal);
            return;
        }

        host.Metrics.HandshakeBegan();
        tasks.Run(() => ReceiveAsync(socket, remote));
    }

    public void Sweep() => _limiter.Sweep();

    private async Task ReceiveAsync(Socket socket, IPEndPoint remote)
    {
        using var timeout = new CancellationTokenSource(host.Options.HandshakeTimeout, host.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, host.Aborting);
        SecureChannel? channel = null;
        try
        {
            Dialer.Configure(socket, Plane.Control);
            channel = await TlsHandshake.AcceptAsync(socket, host.Identity, either.Token).ConfigureAwait(false);
            if (channel.Plane == Plane.Stream)
            {
                Dialer.Configure(socket, Plane.Stream);
                await streams.AcceptAsync(channel, either.Token).ConfigureAwait(false);
            }
            else
            {
                var proof = await ControlHandshake.AcceptAsync(host, channel, either.Token).ConfigureAwait(false);
                connections.TryAdd(channel, proof);
            }
        }
        catch (Exception exception)
        {
            channel?.Dispose();
            socket.Dispose();
            Refuse(exception, remote);
        }
        finally
        {
            _limiter.Leave(remote.Address);
            host.Metrics.HandshakeEnded();
        }
    }

    private static IPEndPoint? RemoteEnd(Socket socket)
    {
        try
        {
            return socket.RemoteEndPoint as IPEndPoint;
        }
        catch (SocketException)
        {
            // It is gone already.
            return null;
        }
    }

    private void Refuse(Exception exception, IPEndPoint remote)
    {
        switch (exception)
        {
            case HandshakeException { Verdict: Verdict.Identity } refused:
                host.Logger.IdentityRefused(remote, refused.Message);
                host.Metrics.HandshakeRefused(refused.Tag);
                break;
            case HandshakeException { IsAboutAdmission: true } refused:
                host.Logger.AdmissionRefused(remote, refused.Message);
                host.Metrics.HandshakeRefused(refused.Tag);
                break;
            case HandshakeException refused:
                host.Logger.HandshakeRefused(remote, refused.Message);
                host.Metrics.HandshakeRefused(refused.Tag);
                break;
            default:
                host.Logger.HandshakeRefused(remote, exception.Message);
                host.Metrics.HandshakeRefused(exception switch
                {
                    OperationCanceledException => "timeout",
                    AuthenticationException => "tls",
                    InvalidDataException => "malformed",
                    IOException or SocketException or ObjectDisposedException => "broken",
                    _ => "other",
                });
                break;
        }
    }
}
