using System.Net.Sockets;

namespace NodeSample.Control;

/// <summary>Asks the node of a data directory to do something. Whoever stops waiting takes the request back.</summary>
internal static class ControlClient
{
    /// <exception cref="FailedException">No node runs there, it stopped, or it could not do what was asked.</exception>
    public static async Task<ControlReply> AskAsync(string dataDirectory, ControlRequest request, CancellationToken cancellationToken)
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await ConnectAsync(socket, dataDirectory, cancellationToken);
        try
        {
            await using var stream = new NetworkStream(socket);
            await ControlFormat.WriteAsync(stream, request, ControlFormat.Default.ControlRequest, cancellationToken);
            var reply = await ControlFormat.ReadAsync(stream, ControlFormat.Default.ControlReply, cancellationToken);
            return reply.Error is { } error ? throw new FailedException(error) : reply;
        }
        catch (IOException)
        {
            throw new FailedException($"The node of '{dataDirectory}' stopped before it had answered.");
        }
    }

    private static async Task ConnectAsync(Socket socket, string dataDirectory, CancellationToken cancellationToken)
    {
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(DataDirectory.ControlSocketOf(dataDirectory)), cancellationToken);
        }
        catch (SocketException exception) when (exception.SocketErrorCode == SocketError.AccessDenied)
        {
            throw new FailedException($"The node of '{dataDirectory}' belongs to another user.");
        }
        catch (Exception exception) when (exception is SocketException or ArgumentException)
        {
            throw new FailedException($"No node runs with the data directory '{dataDirectory}': start one with 'run --data {dataDirectory}'.");
        }
    }
}
