using System.Net.WebSockets;
using System.Text.Json;
using Game.Messages;
using Game.Net;
using Game.World;

namespace Game.Web;

/// <summary>Takes what a page says: what is pressed, how far it shows, and words. What is anything else ends the connection.</summary>
internal sealed class PageListener(Player player, GameClock clock)
{
    private const int LengthMax = 2048;

    private readonly WordsLimit _words = new();

    public async Task ListenAsync(WebSocket socket, CancellationToken cancellationToken)
    {
        var buffer = new byte[LengthMax];
        while (true)
        {
            var length = 0;
            ValueWebSocketReceiveResult received;
            do
            {
                received = await socket.ReceiveAsync(buffer.AsMemory(length), cancellationToken);
                length += received.Count;
                if (received.MessageType != WebSocketMessageType.Text || (length == LengthMax && !received.EndOfMessage))
                {
                    return;
                }
            }
            while (!received.EndOfMessage);

            if (!TryTake(buffer.AsMemory(0, length)))
            {
                return;
            }
        }
    }

    private bool TryTake(ReadOnlyMemory<byte> message)
    {
        try
        {
            using var document = JsonDocument.Parse(message, new() { MaxDepth = 4 });
            foreach (var part in document.RootElement.EnumerateObject())
            {
                switch (part.Name)
                {
                    case "press" when part.Value.GetArrayLength() == 2:
                        player.Press((Buttons)part.Value[0].GetInt32(), part.Value[1].GetUInt32());
                        break;
                    case "sight" when part.Value.GetArrayLength() == 2:
                        player.Look(Sight.Of(part.Value[0].GetDouble(), part.Value[1].GetDouble()));
                        break;
                    case "say" when part.Value.GetString() is { } text && _words.TryTake(player.Id, clock.Now):
                        player.Say(text.Length <= 4 * PlainText.TextLengthMax ? text : text[..(4 * PlainText.TextLengthMax)]);
                        break;
                    default:
                        break;
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
