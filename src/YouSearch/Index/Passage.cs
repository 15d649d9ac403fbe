using System.Text;

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

    /// <summary>Joins places that overlap, from where the passage begins.</summary>
    private static List<(int Start, int End)> Merge(List<(int Start, int End, int Part)> places, int begin)
    {
        var merged = new List<(int Start, int End)>();
        foreach (var (start, end, _) in places.Where(place => place.Start >= begin).OrderBy(place => place.Start).Take(Snippet.LengthMax))
        {
            if (merged.Count > 0 && start < merged[^1].End)
            {
                merged[^1] = (merged[^1].Start, Math.Max(end, merged[^1].End));
            }
            else
            {
                merged.Add((start, end));
            }
        }

        return merged;
    }

    private static Snippet Write(ReadOnlySpan<char> text, int begin, List<(int Start, int End)> places)
    {
        var passage = new StringBuilder(Snippet.LengthMax);
        var marks = new List<TextMark>();
        if (begin > 0)
        {
            passage.Append(Ellipsis);
        }

        var (place, markStart, position) = (0, -1, begin);
        for (; position < text.Length && passage.Length < Snippet.LengthMax - 1; position++)
        {
            if (markStart >= 0 && position >= places[place].End)
            {
                marks.Add(new TextMark(markStart, passage.Length - markStart));
                markStart = -1;
                place++;
            }

            if (markStart < 0 && place < places.Count && position >= places[place].Start)
            {
                markStart = passage.Length;
            }

            Append(passage, text[position]);
        }

        if (markStart >= 0)
        {
            marks.Add(new TextMark(markStart, passage.Length - markStart));
        }

        Finish(passage, marks, isCut: !text[position..].IsWhiteSpace());
        return new Snippet(passage.ToString(), [.. marks.Where(mark => mark.Length > 0)]);
    }

    /// <summary>Of blanks one is left; what only controls how text is shown is left out.</summary>
    private static void Append(StringBuilder passage, char character)
    {
        if (char.IsWhiteSpace(character) || char.IsControl(character))
        {
            if (passage.Length > 0 && passage[^1] is not (' ' or Ellipsis))
            {
                passage.Append(' ');
            }
        }
        else if (character is not ((>= '\u202A' and <= '\u202E') or (>= '\u2066' and <= '\u2069')))
        {
            passage.Append(character);
        }
    }

    /// <summary>Ends a passage between words where it can, and says that there is more.</summary>
    private static void Finish(StringBuilder passage, List<TextMark> marks, bool isCut)
    {
        var end = marks.Count > 0 ? marks[^1].Start + marks[^1].Length : 0;
        if (isCut)
        {
            var blank = passage.Length;
            while (blank > Math.Max(end, passage.Length - LeadLength) && passage[blank - 1] != ' ')
            {
                blank--;
            }

            if (blank > end && passage[blank - 1] == ' ')
            {
                passage.Length = blank;
            }
            else if (char.IsHighSurrogate(passage[^1]))
            {
                passage.Length--;
            }
        }

        while (passage.Length > end && passage[^1] == ' ')
        {
            passage.Length--;
        }

        if (end > passage.Length)
        {
            marks[^1] = marks[^1] with { Length = passage.Length - marks[^1].Start };
        }

        if (isCut)
        {
            passage.Append(Ellipsis);
        }
    }
}
