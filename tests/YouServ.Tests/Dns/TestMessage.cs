using System.Buffers.Binary;
using System.Net;
using System.Text;

namespace YouServ.Tests.Dns;

/// <summary>Is a record as a test reads it; names in its data are written out.</summary>
internal sealed record TestRecord(string Name, int Type, int Class, uint TimeToLive, byte[] Data, string Text)
{
    public override string ToString() => $"{Name} {TimeToLive} {Type} {Text}";
}

/// <summary>Reads answers with no code of the server's. Whatever is not as RFC 1035 says is a <see cref="FormatException"/>.</summary>
internal sealed class TestMessage
{
    private readonly byte[] _bytes;
    private int _at;

    private TestMessage(byte[] bytes) => _bytes = bytes;

    public int Id => Short(0);

    public int Flags => Short(2);

    public int Code => (Flags & 0xF) | (int)(Options is { } options ? options.TimeToLive >> 24 << 4 : 0);

    public bool IsAuthoritative => (Flags & 0x0400) != 0;

    public bool IsTruncated => (Flags & 0x0200) != 0;

    public int Length => _bytes.Length;

    public List<(string Name, int Type, int Class)> Questions { get; } = [];

    /// <summary>Where the questions end.</summary>
    public int QuestionsEnd { get; private set; }

    public List<TestRecord> Answers { get; private set; } = [];

    public List<TestRecord> Authorities { get; private set; } = [];

    public List<TestRecord> Additionals { get; private set; } = [];

    public TestRecord? Options => Additionals.SingleOrDefault(record => record.Type == 41);

    /// <summary>The answers' data, in order.</summary>
    public string[] Texts => [.. Answers.Select(record => record.Text)];

    public static TestMessage Parse(byte[] bytes)
    {
        var message = new TestMessage(bytes);
        if (bytes.Length < 12)
        {
            throw new FormatException("No header.");
        }

        message._at = 12;
        for (var count = message.Short(4); count > 0; count--)
        {
            message.Questions.Add((message.Name(), message.Next(2), message.Next(2)));
        }

        message.QuestionsEnd = message._at;
        message.Answers = message.Records(6);
        message.Authorities = message.Records(8);
        message.Additionals = message.Records(10);
        return message._at == bytes.Length ? message : throw new FormatException("Something stands behind the last record.");
    }

    private List<TestRecord> Records(int countAt) => [.. Enumerable.Range(0, Short(countAt)).Select(_ => Record())];

    private TestRecord Record()
    {
        var name = Name();
        var (type, @class, ttl, length) = (Next(2), Next(2), (uint)Next(4), Next(2));
        var begin = _at;
        Need(length);
        var data = _bytes[begin..(begin + length)];
        var text = type switch
        {
            1 or 28 => new IPAddress(data).ToString(),
            2 or 5 => Name(),
            15 => $"{Next(2)} {Name()}",
            6 => $"{Name()} {Name()} {(uint)Next(4)} {Next(4)} {Next(4)} {Next(4)} {Next(4)}",
            _ => Convert.ToHexString(data),
        };
        if (type is 2 or 5 or 15 or 6 && _at != begin + length)
        {
            throw new FormatException("A record's length is not that of its data.");
        }

        _at = begin + length;
        return new TestRecord(name, type, @class, ttl, data, text);
    }

    private string Name()
    {
        var text = new StringBuilder();
        var (at, end, length) = (_at, -1, 1);
        while (true)
        {
            var label = At(at);
            if (label >= 0xC0)
            {
                var target = ((label & 0x3F) << 8) | At(at + 1);
                end = end < 0 ? at + 2 : end;
                at = target < at ? target : throw new FormatException("A pointer points forward.");
            }
            else if (label > 63 || (length += label == 0 ? 0 : label + 1) > 255)
            {
                throw new FormatException("A label or a name is too long.");
            }
            else if (label == 0)
            {
                _at = end < 0 ? at + 1 : end;
                return text.Length == 0 ? "." : text.ToString(0, text.Length - 1);
            }
            else
            {
                for (var index = 1; index <= label; index++)
                {
                    var letter = At(at + index);
                    text.Append(letter is > 32 and < 127 and not '.' and not '\\' ? ((char)letter).ToString() : $"\\{letter:d3}");
                }

                text.Append('.');
                at += 1 + label;
            }
        }
    }

    private int Next(int count)
    {
        Need(count);
        var value = 0;
        for (; count > 0; count--)
        {
            value = (value << 8) | _bytes[_at++];
        }

        return value;
    }

    private int At(int at) => at < _bytes.Length ? _bytes[at] : throw new FormatException("Cut off.");

    private void Need(int count) => At(_at + count - 1 < _at ? 0 : _at + count - 1);

    private int Short(int at) => BinaryPrimitives.ReadUInt16BigEndian(_bytes.AsSpan(at));
}
