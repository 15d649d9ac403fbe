using System.Diagnostics.CodeAnalysis;
using Game.World;

namespace Game.Messages;

/// <summary>
/// Turns messages into bytes and back. Numbers on the wire are whole ones of fixed length, so that there is no NaN and no infinity to begin with; what is too long, out of its range or followed by anything
/// else is no message.
/// </summary>
internal static class MessageFormat
{
    /// <summary>The most bytes of a message.</summary>
    public const int LengthMax = 1 + 2 + (3 * PlainText.NameLengthMax) + 2 + (3 * PlainText.TextLengthMax);

    internal const int PlaceScale = 16;

    internal const int SpeedScale = 64;

    internal const int HeadingScale = 65_536;

    /// <summary>Times are told in tenths of a millisecond, which last for five days before they begin again.</summary>
    private const double TimeScale = 10_000;

    private const ushort CountMax = ushort.MaxValue;

    public static byte[] Encode(GameMessage message)
    {
        var bytes = new byte[LengthMax];
        var writer = new MessageWriter(bytes);
        switch (message)
        {
            case GameMessage.Flown flown:
                writer.Write((byte)MessageKind.Flown);
                writer.Write(unchecked((uint)(long)(flown.SaidAt * TimeScale)));
                writer.WritePlace(flown.Flight.Place);
                writer.WriteSpeed(flown.Flight.Speed);
                writer.WriteHeading(flown.Flight.Heading);
                writer.Write((byte)flown.Health);
                writer.Write((byte)flown.Marks);
                break;
            case GameMessage.Fired fired:
                writer.Write((byte)MessageKind.Fired);
                writer.Write(fired.Number);
                writer.WritePlace(fired.From);
                writer.WriteHeading(fired.Heading);
                break;
            case GameMessage.Hit hit:
                writer.Write((byte)MessageKind.Hit);
                writer.Write(hit.By);
                writer.Write(hit.Number);
                writer.Write((byte)hit.HealthLeft);
                writer.WritePlace(hit.Place);
                break;
            case GameMessage.Downed downed:
                writer.Write((byte)MessageKind.Downed);
                writer.Write(downed.By);
                break;
            case GameMessage.Stands { Standing: var standing }:
                writer.Write((byte)MessageKind.Stands);
                writer.Write((ushort)Math.Clamp(standing.Score, 0, CountMax));
                writer.Write((ushort)Math.Clamp(standing.Losses, 0, CountMax));
                writer.Write(standing.IsBot ? (byte)1 : (byte)0);
                writer.WritePlace(standing.Place);
                writer.Write(PlainText.Name(standing.Name));
                break;
            case GameMessage.Leaves:
                writer.Write((byte)MessageKind.Leaves);
                break;
            case GameMessage.Says says:
                writer.Write((byte)MessageKind.Says);
                writer.Write(PlainText.Name(says.Name));
                writer.Write(PlainText.Said(says.Text));
                break;
            default:
                throw new ArgumentException($"Nobody says a {message.GetType()}.", nameof(message));
        }

        return bytes[..writer.Length];
    }

    /// <summary>Gives a place as others read it.</summary>
    public static Vector Round(Vector place) => new(Round(place.X, Map.Width), Round(place.Y, Map.Height));

    /// <summary>Reads a message that anybody may have sent.</summary>
    /// <param name="bytes">The bytes.</param>
    /// <param name="message">The message, where it is one.</param>
    public static bool TryDecode(ReadOnlySpan<byte> bytes, [NotNullWhen(true)] out GameMessage? message)
    {
        message = null;
        if (bytes.Length is 0 or > LengthMax)
        {
            return false;
        }

        var reader = new MessageReader(bytes);
        var read = Read((MessageKind)reader.ReadByte(), ref reader);
        if (read is null || !reader.IsWhole)
        {
            return false;
        }

        message = read;
        return true;
    }

    private static GameMessage? Read(MessageKind kind, ref MessageReader reader) => kind switch
    {
        MessageKind.Flown => new GameMessage.Flown(
            reader.ReadUInt32() / TimeScale,
            new Flight(reader.ReadPlace(), reader.ReadSpeed(), reader.ReadHeading()),
            reader.ReadByte(Pilot.HealthMax),
            (Marks)reader.ReadByte((int)Marks.All)),
        MessageKind.Fired => new GameMessage.Fired(reader.ReadUInt32(), reader.ReadPlace(), reader.ReadHeading()),
        MessageKind.Hit => new GameMessage.Hit(reader.ReadId(), reader.ReadUInt32(), reader.ReadByte(Pilot.HealthMax), reader.ReadPlace()),
        MessageKind.Downed => new GameMessage.Downed(reader.ReadId()),
        MessageKind.Stands => ReadStanding(ref reader),
        MessageKind.Leaves => new GameMessage.Leaves(),
        MessageKind.Says => ReadWords(ref reader),
        _ => null,
    };

    private static GameMessage.Stands ReadStanding(ref MessageReader reader)
    {
        var (score, losses, isBot, place) = (reader.ReadUInt16(), reader.ReadUInt16(), reader.ReadByte(1) == 1, reader.ReadPlace());
        return new(new Standing(PlainText.Name(reader.ReadText(PlainText.NameLengthMax)), score, losses, isBot, place));
    }

    private static GameMessage.Says? ReadWords(ref MessageReader reader)
    {
        var name = PlainText.Name(reader.ReadText(PlainText.NameLengthMax));
        return PlainText.Said(reader.ReadText(PlainText.TextLengthMax)) is { Length: > 0 } text ? new GameMessage.Says(name, text) : null;
    }

    private static double Round(double value, int size) => Math.Clamp(Math.Round(value * PlaceScale), 0, (size * PlaceScale) - 1) / PlaceScale;
}
