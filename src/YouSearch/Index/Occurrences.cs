using System.Text;
using P2P.YouSearch.Protocol;

namespace P2P.YouSearch.Index;

/// <summary>Counts a query's parts in the fields of documents, one document after the other, and notes where they stand in a text.</summary>
internal sealed class Occurrences(IReadOnlyList<QueryPart> parts)
{
    /// <summary>How many places are noted. Later ones count, but no passage shows them.</summary>
    private const int PlacesMax = 2000;

    /// <summary>Phrases up to this length are sought; of longer ones a hostile text could have so many beginnings that to read all of it takes less.</summary>
    private const int SoughtWordsMax = 4;

    private readonly PartMatcher _matcher = new(parts);
    private readonly bool _isSought = parts.All(part => part.Words.Count <= SoughtWordsMax);
    private readonly AsciiFinder[] _finders = [.. parts.Select(part => new AsciiFinder(part))];
    private readonly (int Start, int End)[] _recent = new (int, int)[32];

    /// <summary>How many parts there are.</summary>
    public int PartCount => parts.Count;

    /// <summary>For each part, how often it stands in the document.</summary>
    public double[] Frequencies { get; private set; } = [];

    /// <summary>Where parts stand in the text: of a phrase, from its first word to its last.</summary>
    public List<(int Start, int End, int Part)> Places { get; } = [];

    /// <summary>Begins another document.</summary>
    public void Reset()
    {
        Frequencies = new double[parts.Count];
        Places.Clear();
    }

    /// <summary>Reads a field.</summary>
    /// <param name="text">The field.</param>
    /// <param name="weight">How much an occurrence counts.</param>
    /// <param name="isText">Whether places in it are noted.</param>
    public void Read(ReadOnlySpan<char> text, double weight, bool isText = false)
    {
        if (_isSought && Ascii.IsValid(text))
        {
            ReadAscii(text, weight, isText);
            return;
        }

        _matcher.Reset();
        var reader = new WordReader(text, stackalloc char[WordReader.WordLengthMax]);
        for (var number = 0; reader.Read(); number++)
        {
            _recent[number & 31] = (reader.Start, reader.End);
            var ended = _matcher.Next(reader.Word);
            if (ended == 0)
            {
                continue;
            }

            foreach (var (part, words) in _matcher.PartsOf(ended))
            {
                Note(part, _recent[(number - words + 1) & 31].Start, reader.End, weight, isText);
            }
        }
    }

    private void ReadAscii(ReadOnlySpan<char> text, double weight, bool isText)
    {
        for (var part = 0; part < _finders.Length; part++)
        {
            for (var position = 0; _finders[part].TryFind(text, ref position, out var end); position++)
            {
                Note(part, position, end, weight, isText && Places.Count < PlacesMax * (part + 1) / _finders.Length);
            }
        }

        if (_finders.Length > 1)
        {
            Places.Sort(static (a, b) => a.End.CompareTo(b.End));
        }
    }

    private void Note(int part, int start, int end, double weight, bool isText)
    {
        Frequencies[part] += weight;
        if (isText && Places.Count < PlacesMax)
        {
            Places.Add((start, end, part));
        }
    }
}
