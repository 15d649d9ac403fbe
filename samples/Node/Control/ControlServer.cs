using System.Net.Sockets;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace NodeSample.Control;

/// <summary>Takes requests at the node's socket, which only its user may open, and answers each when it is done.</summary>
internal sealed partial class ControlServer(DataDirectory directory, ControlDesk desk, ILogger<ControlServer> logger) : BackgroundService
{
    private const int RequestsMax = 64;

    /// <summary>How long a client has to say what it wants.</summary>
    private static readonly TimeSpan AskingTimeMax = TimeSpan.FromSeconds(5);

    /// <summary>How long a client has to take its reply, also while the node stops.</summary>
    private static readonly TimeSpan TellingTimeMax = TimeSpan.FromSeconds(5);

    private readonly Socket _listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private readonly SemaphoreSlim _places = new(RequestsMax);

    public override Task StartAsync(CancellationToken cancellationToken)
    {
        // What lies there is left over: the directory's lock is ours.
        File.Delete(directory.ControlSocket);
        _listener.Bind(new UnixDomainSocketEndPoint(directory.ControlSocket));
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(directory.ControlSocket, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }

        _listener.Listen();
        return base.StartAsync(cancellationToken);
    }

    public override void Dispose()
    {
        _listener.Dispose();
        _places.Dispose();
        File.Delete(directory.ControlSocket);
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            await _places.WaitAsync(CancellationToken.None);
            try
            {
                _ = ServeAsync(await _listener.AcceptAsync(stoppingToken), stoppingToken);
            }
            catch (Exception exception) when (exception is SocketException or OperationCanceledException)
            {
                // The node is stopping, or the client has gone already.
                _places.Release();
            }
        }

        // With all places taken, no request is under way any more when the node says farewell.
        for (var i = 0; i < RequestsMax; i++)
        {
            await _places.WaitAsync(CancellationToken.None);
        }
    }

    private async Task ServeAsync(Socket socket, CancellationToken stoppingToken)
    {
        using var given = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
        try
        {
            await using var stream = new NetworkStream(socket, ownsSocket: true);
            using var asking = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
            asking.CancelAfter(AskingTimeMax);
            var request = await ControlFormat.ReadAsync(stream, ControlFormat.Default.ControlRequest, asking.Token);
            var watching = CancelWhenClosedAsync(stream, given);
            var reply = await desk.AnswerAsync(request, given.Token);
            using var telling = new CancellationTokenSource(TellingTimeMax);
            await ControlFormat.WriteAsync(stream, reply, ControlFormat.Default.ControlReply, telling.Token);
            await given.CancelAsync();
            await watching;
        }
        catch (Exception exception) when (exception is IOException or InvalidDataException or OperationCanceledException or ObjectDisposedException)
        {
            // The client has gone, or spoke nonsense; it hears of it by the closed connection.
        }
        catch (Exception exception)
        {
            LogFailed(exception);
        }
        finally
        {
            _places.Release();
        }
    }

    /// <summary>A client says nothing after its request: whatever can be read is the end of the connection.</summary>
    private static async Task CancelWhenClosedAsync(NetworkStream stream, CancellationTokenSource given)
    {
        try
        {
            await stream.ReadAtLeastAsync(new byte[1], 1, throwOnEndOfStream: false, given.Token);
        }
        catch (Exception exception) when (exception is IOException or OperationCanceledException)
        {
            // The connection broke, or the request is done.
        }

        await given.CancelAsync();
    }

    [LoggerMessage(1, LogLevel.Error, "A control request failed.")]
    private partial void LogFailed(Exception exception);
}
