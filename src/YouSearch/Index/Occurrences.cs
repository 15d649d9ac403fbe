using P2P.YouSearch.Protocol;

namespace P2P.YouSearch.Index;

/// <summary>Counts a query's parts in the fields of a document, and notes where they stand in its text.</summary>
internal sealed class Occurrences(IReadOnlyList<QueryPart> parts)
{
    /// <summary>How many places are noted. Later ones count, but no passage shows them.</summary>
    private const int PlacesMax = 2000;

    private readonly PartMatcher _matcher = new(parts);
    private readonly (int Start, int End)[] _recent = new (int, int)[32];

    /// <summary>For each part, how often it stands there.</summary>
    public double[] Frequencies { get; } = new double[parts.Count];

    /// <summary>Where parts stand, in the order of their ends: of a phrase, from its first word to its last.</summary>
    public List<(int Start, int End, int Part)> Places { get; } = [];

    /// <summary>Reads a field.</summary>
    /// <param name="text">The field.</param>
    /// <param name="weight">How much an occurrence counts.</param>
    /// <param name="isText">Whether places in it are noted.</param>
    public void Read(ReadOnlySpan<char> text, double weight, bool isText = false)
    {
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
                Frequencies[part] += weight;
                if (isText && Places.Count < PlacesMax)
                {
                    Places.Add((_recent[(number - words + 1) & 31].Start, reader.End, part));
                }
            }
        }
    }
}
