using System.Net.WebSockets;
using System.Threading.Channels;
using Game.Net;
using Game.World;

namespace Game.Web;

/// <summary>Serves the pages of one player, by a WebSocket each: they draw what its scene shows, and say what is pressed.</summary>
internal sealed class PageSockets(Player player, GameClock clock)
{
    /// <summary>More tabs of one player than this are refused.</summary>
    private const int PagesMax = 4;

    /// <summary>A page that is this much behind gets the newest only.</summary>
    private const int WaitingMax = 2048;

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
            if (Interlocked.Increment(ref _pages) > PagesMax)
            {
                context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
                return;
            }

            using var socket = await context.WebSockets.AcceptWebSocketAsync();
            using var ended = CancellationTokenSource.CreateLinkedTokenSource(stopping, context.RequestAborted);
            await ServeAsync(socket, ended);
        }
        finally
        {
            Interlocked.Decrement(ref _pages);
        }
    }

    private async Task ServeAsync(WebSocket socket, CancellationTokenSource ended)
    {
        var happenings = Channel.CreateBounded<Happening>(new BoundedChannelOptions(WaitingMax) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true });
        void Take(Happening happening) => happenings.Writer.TryWrite(happening);
        player.With(scene => scene.Happened += Take);
        try
        {
            var listening = new PageListener(player, clock).ListenAsync(socket, ended.Token);
            var telling = new PageTeller(player, clock).TellAsync(socket, happenings.Reader, ended.Token);
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
            player.With(scene => scene.Happened -= Take);
            player.Press(Buttons.None, press: 0);
        }
    }
}
