namespace P2P.YouSearch.Protocol;

/// <summary>Folds characters: without case, without marks, and without what only fonts tell apart. It is the same on every machine.</summary>
internal static class Folding
{
    /// <summary>What words do not have.</summary>
    public const ushort Separator = 0;

    /// <summary>What stands in words and is passed over.</summary>
    public const ushort Dropped = 1;

    /// <summary>Half of a character that has two.</summary>
    public const ushort Surrogate = 0xDFFF;

    /// <summary>From here on, up to <see cref="Surrogate"/>, what <see cref="Plane"/> holds is a place in <see cref="Expansions"/>.</summary>
    public const ushort FirstExpansion = 0xD800;

    private static readonly List<string> ExpansionList = [];
    private static readonly Dictionary<int, string> Astral = [];
    private static readonly List<(int First, int End, bool IsDropped)> AstralRanges = [];

    /// <summary>For each character of the first plane: <see cref="Separator"/>, <see cref="Dropped"/>, <see cref="Surrogate"/>, a place among the expansions, or what it is folded to.</summary>
    public static ushort[] Plane { get; } = Expand();

    /// <summary>What characters are folded to that become several.</summary>
    public static string[] Expansions { get; } = [.. ExpansionList];

    private static (int First, int End, bool IsDropped)[] SortedAstralRanges { get; } = [.. AstralRanges.OrderBy(range => range.First)];

    private static int[] AstralStarts { get; } = [.. SortedAstralRanges.Select(range => range.First)];

    /// <summary>Folds a character beyond the first plane.</summary>
    /// <param name="character">The character.</param>
    /// <param name="folded">What it is folded to.</param>
    /// <param name="length">How much that is; 0 if the character is passed over.</param>
    /// <returns>Whether words have it.</returns>
    public static bool TryFold(int character, Span<char> folded, out int length)
    {
        length = 0;
        var place = Array.BinarySearch(AstralStarts, character);
        var range = place >= 0 ? place : ~place - 1;
        if (range < 0 || character >= SortedAstralRanges[range].End)
        {
            return false;
        }

        if (SortedAstralRanges[range].IsDropped)
        {
            return true;
        }

        if (Astral.TryGetValue(character, out var text))
        {
            text.CopyTo(folded);
            length = text.Length;
        }
        else
        {
            length = new System.Text.Rune(character).EncodeToUtf16(folded);
        }

        return true;
    }

    /// <summary>Whether a folded character is a word by itself: ideographs and kana, between which nobody writes blanks.</summary>
    public static bool IsWordByItself(int character) =>
        character is (>= 0x3005 and <= 0x3007) or (>= 0x3021 and <= 0x3029) or (>= 0x3031 and <= 0x3035) or (>= 0x3038 and <= 0x303C) or (>= 0x3041 and <= 0x3096)
            or (>= 0x309D and <= 0x30FF) or (>= 0x31F0 and <= 0x31FF) or (>= 0x3400 and <= 0x4DBF) or (>= 0x4E00 and <= 0x9FFF) or (>= 0xF900 and <= 0xFAFF)
            or (>= 0x1B000 and <= 0x1B16F) or (>= 0x20000 and <= 0x3FFFD);

    private static ushort[] Expand()
    {
        var table = new TableReader(Convert.FromBase64String(FoldTable.Data));
        var plane = new ushort[0x10000];
        Array.Fill(plane, Surrogate, 0xD800, 0x800);
        ReadRanges(ref table, plane, isDropped: false);
        ReadRanges(ref table, plane, isDropped: true);
        ReadRuns(ref table, plane);
        ReadRest(ref table, plane);
        return plane;
    }

    private static void ReadRanges(ref TableReader table, ushort[] plane, bool isDropped)
    {
        var character = 0;
        for (var count = table.Read(); count > 0; count--)
        {
            character += table.Read();
            var end = character + table.Read();
            if (character > 0xFFFF)
            {
                AstralRanges.Add((character, end, isDropped));
            }

            // A range may reach from one plane into the next only if both of its ends are words; none does.
            for (; character < end; character++)
            {
                if (character <= 0xFFFF)
                {
                    plane[character] = isDropped ? Dropped : (ushort)character;
                }
            }
        }
    }

    private static void ReadRuns(ref TableReader table, ushort[] plane)
    {
        var first = 0;
        for (var count = table.Read(); count > 0; count--)
        {
            first += table.Read();
            var shape = table.Read();
            var distance = table.ReadSigned();
            for (int i = 0, character = first; i < shape >> 1; i++, character += 1 + (shape & 1))
            {
                Set(plane, character, char.ConvertFromUtf32(character + distance));
            }
        }
    }

    private static void ReadRest(ref TableReader table, ushort[] plane)
    {
        var character = 0;
        for (var count = table.Read(); count > 0; count--)
        {
            character += table.Read();
            var text = "";
            for (var length = table.Read(); length > 0; length--)
            {
                text += char.ConvertFromUtf32(table.Read());
            }

            Set(plane, character, text);
        }
    }

    private static void Set(ushort[] plane, int character, string folded)
    {
        if (character > 0xFFFF)
        {
            Astral.Add(character, folded);
        }
        else if (folded.Length == 1)
        {
            plane[character] = folded[0];
        }
        else
        {
            plane[character] = (ushort)(FirstExpansion + ExpansionList.Count);
            ExpansionList.Add(folded);
        }
    }

    /// <summary>Reads numbers of seven bits a byte, the least significant first.</summary>
    private ref struct TableReader(ReadOnlySpan<byte> bytes)
    {
        private ReadOnlySpan<byte> _rest = bytes;

        public int Read()
        {
            for (int number = 0, shift = 0; ; shift += 7)
            {
                var part = _rest[0];
                _rest = _rest[1..];
                number |= (part & 0x7F) << shift;
                if (part < 0x80)
                {
                    return number;
                }
            }
        }

        public int ReadSigned() => Read() is var number && (number & 1) == 0 ? number >> 1 : -((number + 1) >> 1);
    }
}
