using System.Buffers.Binary;
using System.Diagnostics;
using System.Text;

namespace QuickStart.Groups;

/// <summary>Knows all that is said in the chapter: each message's number travels in front of its text, so that who hears it knows how old it is.</summary>
internal sealed class Spoken(IReadOnlyList<string> lines)
{
    private readonly long[] _saidAt = new long[lines.Count];

    public int Count => lines.Count;

    /// <summary>Gives what is to be published, and notes the time.</summary>
    public byte[] Say(int number)
    {
        _saidAt[number] = Stopwatch.GetTimestamp();
        var content = new byte[sizeof(int) + Encoding.UTF8.GetByteCount(lines[number])];
        BinaryPrimitives.WriteInt32LittleEndian(content, number);
        Encoding.UTF8.GetBytes(lines[number], content.AsSpan(sizeof(int)));
        return content;
    }

    /// <summary>Reads a message's number, and how old it is.</summary>
    public (int Number, TimeSpan Age) Hear(ReadOnlySpan<byte> content)
    {
        var number = BinaryPrimitives.ReadInt32LittleEndian(content);
        return (number, Stopwatch.GetElapsedTime(_saidAt[number]));
    }
}
