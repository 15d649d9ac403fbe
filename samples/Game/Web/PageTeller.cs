using System.Buffers;
using System.Net.WebSockets;
using System.Text.Json;
using System.Threading.Channels;
using Game.Net;
using Game.World;

namespace Game.Web;

/// <summary>Tells a page what its player's scene shows, as soon as it does: all that has come up to then in one message.</summary>
internal sealed class PageTeller(Player player, GameClock clock)
{
    private const double BoardInterval = 0.5;

    private const int BatchMax = 256;

    private readonly ArrayBufferWriter<byte> _buffer = new(4096);
    private double _boardAt;

    public async Task TellAsync(WebSocket socket, ChannelReader<Happening> happenings, CancellationToken cancellationToken)
    {
        await SendAsync(socket, writer => player.With(scene => PageWords.Greet(writer, scene)), cancellationToken);
        while (await happenings.WaitToReadAsync(cancellationToken))
        {
            await SendAsync(
                socket,
                writer =>
                {
                    writer.WriteStartArray("news");
                    for (var i = 0; i < BatchMax && happenings.TryRead(out var happening); i++)
                    {
                        PageWords.Tell(writer, happening);
                    }

                    writer.WriteEndArray();
                    if (clock.Now >= _boardAt)
                    {
                        _boardAt = clock.Now + BoardInterval;
                        player.With(scene => PageWords.ShowBoard(writer, scene));
                    }

                    return true;
                },
                cancellationToken);
        }
    }

    private async ValueTask SendAsync(WebSocket socket, Func<Utf8JsonWriter, bool> write, CancellationToken cancellationToken)
    {
        _buffer.ResetWrittenCount();
        await using (var writer = new Utf8JsonWriter(_buffer))
        {
            writer.WriteStartObject();
            write(writer);
            writer.WriteEndObject();
        }

        await socket.SendAsync(_buffer.WrittenMemory, WebSocketMessageType.Text, endOfMessage: true, cancellationToken);
    }
}
