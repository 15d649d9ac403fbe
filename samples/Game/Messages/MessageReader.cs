using System.Buffers.Binary;
using System.Text;
using Game.World;
using P2P.Pastry;

namespace Game.Messages;

/// <summary>
/// Reads the parts of a message that anybody may have sent. Once something is missing or out of its range, <see cref="IsWrong"/> is set, and what is read from then on means nothing.
/// </summary>
internal ref struct MessageReader(ReadOnlySpan<byte> source)
{
    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private ReadOnlySpan<byte> _rest = source;

    public bool IsWrong { get; private set; }

    /// <summary>Whether nothing is wrong, and nothing is left.</summary>
    public readonly bool IsWhole => !IsWrong && _rest.IsEmpty;

    public byte ReadByte() => Take(1) is { IsEmpty: false } taken ? taken[0] : default;

    /// <summary>Reads a number of one byte.</summary>
    /// <param name="max">The greatest that is right.</param>
    public int ReadByte(int max) => InRange(ReadByte(), max);

    public ushort ReadUInt16() => Take(sizeof(ushort)) is { IsEmpty: false } taken ? BinaryPrimitives.ReadUInt16BigEndian(taken) : default;

    public uint ReadUInt32() => Take(sizeof(uint)) is { IsEmpty: false } taken ? BinaryPrimitives.ReadUInt32BigEndian(taken) : default;

    public NodeId ReadId() => Take(NodeId.ByteLength) is { IsEmpty: false } taken ? NodeId.FromBytes(taken) : default;

    /// <summary>Reads a text.</summary>
    /// <param name="lengthMax">The most UTF-16 units that are right; each is three bytes at most.</param>
    public string ReadText(int lengthMax)
    {
        var bytes = Take(InRange(ReadUInt16(), lengthMax * 3));
        if (IsWrong)
        {
            return "";
        }

        try
        {
            var text = StrictUtf8.GetString(bytes);
            InRange(text.Length, lengthMax);
            return text;
        }
        catch (DecoderFallbackException)
        {
            IsWrong = true;
            return "";
        }
    }

    public Vector ReadPlace()
    {
        var x = InRange(ReadUInt16(), (Map.Width * MessageFormat.PlaceScale) - 1);
        var y = InRange(ReadUInt16(), (Map.Height * MessageFormat.PlaceScale) - 1);
        return new((double)x / MessageFormat.PlaceScale, (double)y / MessageFormat.PlaceScale);
    }

    /// <summary>Reads a speed; nobody is faster than ships are.</summary>
    public Vector ReadSpeed()
    {
        var speed = new Vector((double)(short)ReadUInt16() / MessageFormat.SpeedScale, (double)(short)ReadUInt16() / MessageFormat.SpeedScale);
        IsWrong |= speed.Length > Flight.SpeedMax + 1;
        return speed;
    }

    public double ReadHeading() => ReadUInt16() * Math.Tau / MessageFormat.HeadingScale;

    private int InRange(int value, int max)
    {
        IsWrong |= value > max;
        return value;
    }

    private ReadOnlySpan<byte> Take(int length)
    {
        if (IsWrong || _rest.Length < length)
        {
            IsWrong = true;
            return default;
        }

        var taken = _rest[..length];
        _rest = _rest[length..];
        return taken;
    }
}
