namespace P2P.YouSearch.Index;

/// <summary>Chooses the passage of a text that shows most of a query, and writes it on one line.</summary>
internal static class Passage
{
    /// <summary>Within how many characters what is shown together has to stand; around it is room for what it stands in.</summary>
    private const int FocusLength = 200;

    private const int LeadLength = 60;
    private const char Ellipsis = '…';

    /// <summary>Chooses a passage.</summary>
    /// <param name="text">The text.</param>
    /// <param name="places">Where parts of the query stand in it, in the order of their ends.</param>
    /// <param name="partCount">How many parts there are.</param>
    public static Snippet Of(ReadOnlySpan<char> text, List<(int Start, int End, int Part)> places, int partCount)
    {
        var focus = places.Count == 0 ? 0 : BestFocus(places, partCount);
        var begin = Math.Max(0, focus - LeadLength);
        if (begin > 0)
        {
            // With the next word, but not beyond what is to be shown.
            var blank = text[begin..focus].IndexOfAny(' ', '\n', '\t');
            begin = blank >= 0 ? begin + blank + 1 : char.IsLowSurrogate(text[begin]) ? begin + 1 : begin;
        }

        return Write(text, begin, Merge(places, begin));
    }

    /// <summary>Finds where most of the parts stand together; of equals, where they stand most often, and first.</summary>
    private static int BestFocus(List<(int Start, int End, int Part)> places, int partCount)
    {
        var counts = new int[partCount];
        var (best, bestStart, distinct) = (-1L, 0, 0);
        for (int first = 0, last = 0; last < places.Count; last++)
        {
            distinct += counts[places[last].Part]++ == 0 ? 1 : 0;
            while (first < last && places[last].End - places[first].Start > FocusLength)
            {
                distinct -= --counts[places[first++].Part] == 0 ? 1 : 0;
            }

            var score = ((long)distinct << 32) + last - first;
            if (score > best)
            {
                (best, bestStart) = (score, places[first].Start);
            }
        }

        return bestStart;
    }

    /// <summary>Joins places that overlap, from where the passage begins to where it must have ended.</summary>
    private static List<(int Start, int End)> Merge(List<(int Start, int End, int Part)> places, int begin)
    {
        var merged = new List<(int Start, int End)>();
        foreach (var (first, end, _) in places)
        {
            if (end <= begin)
            {
                continue;
            }

            // A longer phrase may begin before shorter ones that end before it.
            var start = Math.Max(first, begin);
            while (merged.Count > 0 && start < merged[^1].End)
            {
                start = Math.Min(start, merged[^1].Start);
                merged.RemoveAt(merged.Count - 1);
            }

            merged.Add((start, end));
            if (merged.Count >= Snippet.LengthMax)
            {
                break;
            }
        }

        return merged;
    }

    private static Snippet Write(ReadOnlySpan<char> text, int begin, List<(int Start, int End)> places)
    {
        Span<char> passage = stackalloc char[Snippet.LengthMax];
        var marks = new List<TextMark>();
        var length = 0;
        if (begin > 0)
        {
            passage[length++] = Ellipsis;
        }

        var (place, markStart, position) = (0, -1, begin);
        for (; position < text.Length && length < passage.Length - 1; position++)
        {
            if (markStart >= 0 && position >= places[place].End)
            {
                marks.Add(new TextMark(markStart, length - markStart));
                markStart = -1;
                place++;
            }

            if (markStart < 0 && place < places.Count && position >= places[place].Start)
            {
                markStart = length;
            }

            var character = text[position];
            if (char.IsWhiteSpace(character) || char.IsControl(character))
            {
                // Of blanks one is left.
                if (length > 0 && passage[length - 1] is not (' ' or Ellipsis))
                {
                    passage[length++] = ' ';
                }
            }
            else if (character is not ((>= '\u202A' and <= '\u202E') or (>= '\u2066' and <= '\u2069')))
            {
                // All but what turns the direction of what stands behind it, beyond the passage.
                passage[length++] = character;
            }
        }

        if (markStart >= 0)
        {
            marks.Add(new TextMark(markStart, length - markStart));
        }

        length = Finish(passage, length, marks, isCut: !text[position..].IsWhiteSpace());
        return new Snippet(passage[..length].ToString(), [.. marks.Where(mark => mark.Length > 0)]);
    }

    /// <summary>Ends a passage between words where it can, and says that there is more.</summary>
    private static int Finish(Span<char> passage, int length, List<TextMark> marks, bool isCut)
    {
        var end = marks.Count > 0 ? marks[^1].Start + marks[^1].Length : 0;
        if (isCut)
        {
            var blank = passage[..length].LastIndexOf(' ');
            if (blank >= Math.Max(end, length - LeadLength))
            {
                length = blank;
            }
            else if (char.IsHighSurrogate(passage[length - 1]))
            {
                length--;
            }
        }

        while (length > end && passage[length - 1] == ' ')
        {
            length--;
        }

        if (end > length)
        {
            marks[^1] = marks[^1] with { Length = length - marks[^1].Start };
        }

        if (isCut)
        {
            passage[length++] = Ellipsis;
        }

        return length;
    }
}
