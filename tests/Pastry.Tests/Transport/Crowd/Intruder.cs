using System.Net;
using System.Net.Sockets;
using System.Security.Authentication;

namespace P2P.Pastry.Tests.Transport.Crowd;

/// <summary>Is one of many who connect to a host and mean no good. What the host does about it is no failure here.</summary>
/// <param name="victim">The host.</param>
/// <param name="index">Which of them this is; it decides on the address that it comes from.</param>
internal abstract class Intruder(NodeAddress victim, int index) : IDisposable
{
    private Socket? _socket;

    /// <summary>Tells whether the host has not closed the connection yet, as far as was noticed.</summary>
    public bool IsOpen { get; private set; }

    /// <summary>Comes in as far as the intruder wants to, or is let.</summary>
    public Task EnterAsync() => TryAsync(async () =>
    {
        IsOpen = true;
        _socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        // All of 127/8 is this machine, so that nobody is counted together with all others; each of these addresses has a few.
        _socket.Bind(new IPEndPoint(new IPAddress([127, 1, (byte)(index % 8), (byte)(1 + index / 8 % 200)]), 0));
        await _socket.ConnectAsync(IPAddress.Parse(victim.Host), victim.Port);
        await ComeInAsync(_socket);
    });

    /// <summary>Does a little more harm.</summary>
    public Task StepAsync() => IsOpen ? TryAsync(DoHarmAsync) : Task.CompletedTask;

    public virtual void Dispose()
    {
        IsOpen = false;
        _socket?.Dispose();
    }

    protected virtual Task ComeInAsync(Socket socket) => Task.CompletedTask;

    protected virtual Task DoHarmAsync()
    {
        // Whoever only waits notices here that the host does not.
        IsOpen = !_socket!.Poll(0, SelectMode.SelectRead) || _socket.Available > 0;
        return Task.CompletedTask;
    }

    private async Task TryAsync(Func<Task> act)
    {
        try
        {
            await act();
        }
        catch (Exception exception) when (exception is SocketException or IOException or AuthenticationException or ObjectDisposedException or InvalidDataException)
        {
            Dispose();
        }
    }
}
