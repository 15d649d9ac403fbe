using System.Buffers.Binary;
using System.Text;
using Game.World;
using P2P.Pastry;

namespace Game.Messages;

/// <summary>Writes the parts of a message: numbers of fixed length, most significant byte first, and texts behind their length.</summary>
internal ref struct MessageWriter(Span<byte> target)
{
    private readonly Span<byte> _target = target;

    public int Length { get; private set; }

    public void Write(byte value) => _target[Length++] = value;

    public void Write(ushort value)
    {
        BinaryPrimitives.WriteUInt16BigEndian(_target[Length..], value);
        Length += sizeof(ushort);
    }

    public void Write(uint value)
    {
        BinaryPrimitives.WriteUInt32BigEndian(_target[Length..], value);
        Length += sizeof(uint);
    }

    public void Write(NodeId id)
    {
        id.WriteBytes(_target[Length..]);
        Length += NodeId.ByteLength;
    }

    public void Write(string text)
    {
        var written = Encoding.UTF8.GetBytes(text, _target[(Length + 2)..]);
        BinaryPrimitives.WriteUInt16BigEndian(_target[Length..], (ushort)written);
        Length += sizeof(ushort) + written;
    }

    /// <summary>Writes a place in sixteenths of a unit.</summary>
    public void WritePlace(Vector place)
    {
        Write((ushort)Scale(place.X, MessageFormat.PlaceScale, 0, (Map.Width * MessageFormat.PlaceScale) - 1));
        Write((ushort)Scale(place.Y, MessageFormat.PlaceScale, 0, (Map.Height * MessageFormat.PlaceScale) - 1));
    }

    public void WriteSpeed(Vector speed)
    {
        Write((ushort)(short)Scale(speed.X, MessageFormat.SpeedScale, short.MinValue, short.MaxValue));
        Write((ushort)(short)Scale(speed.Y, MessageFormat.SpeedScale, short.MinValue, short.MaxValue));
    }

    public void WriteHeading(double heading) => Write((ushort)Scale(Flight.WrapAngle(heading) / Math.Tau, MessageFormat.HeadingScale, 0, ushort.MaxValue));

    private static int Scale(double value, int scale, int min, int max) =>
        double.IsFinite(value) ? (int)Math.Clamp(Math.Round(value * scale), min, max) : throw new ArgumentException($"{value} is no place, speed or heading.", nameof(value));
}
