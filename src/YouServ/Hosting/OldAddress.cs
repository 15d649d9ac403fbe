using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;

namespace P2P.YouServ.Hosting;

/// <summary>
/// Leads visitors on who come to a peer that has given its site's name back: browsers keep what DNS said for a minute or more. Their connections go to whoever serves the site now, as they are, unopened.
/// </summary>
internal sealed class OldAddress(TimeProvider clock)
{
    /// <summary>For how long visitors are led on.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(5);

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private volatile Successor? _successor;

    /// <summary>Whether there is nobody to lead to.</summary>
    public bool IsEmpty => _successor is not { } successor || clock.GetElapsedTime(successor.Since) >= Lifetime;

    /// <summary>Leads the visitors of a host on from now on.</summary>
    public void Lead(string host, IEnumerable<string> addresses, int port)
    {
        IPAddress[] known = [.. addresses.Select(text => IPAddress.TryParse(text, out var address) ? address : null).OfType<IPAddress>()];
        _successor = known.Length > 0 && port is > 0 and <= IPEndPoint.MaxPort ? new(host, known, port, clock.GetTimestamp()) : null;
    }

    /// <summary>Leads nobody on any more: the peer has its name again.</summary>
    public void Forget() => _successor = null;

    /// <summary>Tells whether the visitors of a host are led on.</summary>
    public bool Knows(string? host) => !IsEmpty && string.Equals(_successor?.Host, host, StringComparison.OrdinalIgnoreCase);

    /// <summary>Connects to who serves the site now.</summary>
    /// <returns>The connection; null if that one does not answer.</returns>
    public async Task<Wire?> ConnectAsync(CancellationToken cancellationToken)
    {
        if (_successor is not { } successor)
        {
            return null;
        }

        using var patience = new CancellationTokenSource(Patience, clock);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(successor.Addresses, successor.Port, limit.Token).ConfigureAwait(false);
            return new(new NetworkStream(socket, ownsSocket: true));
        }
        catch (Exception failure) when (failure is SocketException or OperationCanceledException)
        {
            socket.Dispose();
            return null;
        }
    }

    private sealed record Successor(string Host, IPAddress[] Addresses, int Port, long Since);

    /// <summary>A connection to who serves the site now.</summary>
    internal sealed class Wire(NetworkStream stream) : IDuplexPipe, IDisposable
    {
        public PipeReader Input { get; } = PipeReader.Create(stream, new(bufferSize: 64 << 10, leaveOpen: true));

        public PipeWriter Output { get; } = PipeWriter.Create(stream, new(leaveOpen: true));

        public void Dispose() => stream.Dispose();
    }
}
