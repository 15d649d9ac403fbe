using System.Net.WebSockets;
using System.Text.Json;
using System.Threading.Channels;

namespace QuickStart.Dashboard;

/// <summary>Serves the pages that look on, by a WebSocket each: they are told what is to be seen, and say what is to be done.</summary>
internal sealed class PageSockets(LiveShow show)
{
    /// <summary>More pages than this are refused.</summary>
    private const int PagesMax = 8;

    /// <summary>Tells a page that it is refused: of an answer that refuses the connection no script sees the reason.</summary>
    private const WebSocketCloseStatus Full = (WebSocketCloseStatus)4503;

    /// <summary>A page that is this much behind gets the newest only.</summary>
    private const int WaitingMax = 512;

    private const int LengthMax = 256;

    private int _pages;

    public async Task ServeAsync(HttpContext context, CancellationToken stopping)
    {
        if (!context.WebSockets.IsWebSocketRequest)
        {
            context.Response.StatusCode = StatusCodes.Status400BadRequest;
            return;
        }

        try
        {
            var isFull = Interlocked.Increment(ref _pages) > PagesMax;
            using var socket = await context.WebSockets.AcceptWebSocketAsync();
            using var ended = CancellationTokenSource.CreateLinkedTokenSource(stopping, context.RequestAborted);
            if (isFull)
            {
                await socket.CloseOutputAsync(Full, "As many pages look on as may.", ended.Token);
                return;
            }

            await ServeAsync(socket, ended);
        }
        finally
        {
            Interlocked.Decrement(ref _pages);
        }
    }

    private async Task ServeAsync(WebSocket socket, CancellationTokenSource ended)
    {
        var news = Channel.CreateBounded<byte[]>(new BoundedChannelOptions(WaitingMax) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true });
        void Take(byte[] message) => news.Writer.TryWrite(message);
        Take(show.Picture);
        show.Told += Take;
        try
        {
            var listening = ListenAsync(socket, ended.Token);
            var telling = TellAsync(socket, news.Reader, ended.Token);
            await Task.WhenAny(listening, telling);
            await ended.CancelAsync();
            await Task.WhenAll(listening, telling);
        }
        catch (Exception exception) when (exception is OperationCanceledException or WebSocketException or IOException)
        {
            // The page is gone.
        }
        finally
        {
            show.Told -= Take;
        }
    }

    private static async Task TellAsync(WebSocket socket, ChannelReader<byte[]> news, CancellationToken cancellationToken)
    {
        await foreach (var message in news.ReadAllAsync(cancellationToken))
        {
            await socket.SendAsync(message, WebSocketMessageType.Text, endOfMessage: true, cancellationToken);
        }
    }

    /// <summary>What a page does not say ends its connection.</summary>
    private async Task ListenAsync(WebSocket socket, CancellationToken cancellationToken)
    {
        var buffer = new byte[LengthMax];
        while (true)
        {
            var received = await socket.ReceiveAsync(buffer.AsMemory(), cancellationToken);
            if (received.MessageType != WebSocketMessageType.Text || !received.EndOfMessage || !TryTake(buffer.AsMemory(0, received.Count)))
            {
                return;
            }
        }
    }

    private bool TryTake(ReadOnlyMemory<byte> message)
    {
        try
        {
            using var document = JsonDocument.Parse(message, new() { MaxDepth = 2 });
            foreach (var wish in document.RootElement.EnumerateObject())
            {
                switch (wish.Name)
                {
                    case "stop":
                        show.Ask(new Wish.Stop(wish.Value.GetInt32()));
                        break;
                    case "start":
                        show.Ask(new Wish.Start());
                        break;
                    case "look":
                        show.Ask(new Wish.Look(wish.Value.GetInt32()));
                        break;
                    case "say":
                        show.Ask(new Wish.Say());
                        break;
                    default:
                        return false;
                }
            }

            return true;
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or FormatException)
        {
            return false;
        }
    }
}
