namespace P2P.YouServ.Protocol;

/// <summary>Writes letters of Latin scripts without their marks, as people do where only a–z are to be had.</summary>
internal static class LatinLetters
{
    private static readonly (string Letters, string Plain)[] Table =
    [
        ("àáâãåāăą", "a"), ("äæ", "ae"), ("çćĉċč", "c"), ("ďđð", "d"), ("èéêëēĕėęě", "e"), ("ĝğġģ", "g"), ("ĥħ", "h"), ("ìíîïĩīĭįı", "i"), ("ĵ", "j"), ("ķ", "k"),
        ("ĺļľŀł", "l"), ("ñńņňŋ", "n"), ("òóôõōŏő", "o"), ("öøœ", "oe"), ("ŕŗř", "r"), ("śŝşšș", "s"), ("ß", "ss"), ("ţťŧț", "t"), ("þ", "th"), ("ùúûũūŭůűų", "u"),
        ("ü", "ue"), ("ŵ", "w"), ("ýÿŷ", "y"), ("źżž", "z"),
    ];

    private static readonly Dictionary<char, string> Plain =
        Table.SelectMany(row => row.Letters.Select(letter => (letter, row.Plain))).ToDictionary(pair => pair.letter, pair => pair.Plain);

    /// <summary>Gives the plain form of a lower-case letter; null for others.</summary>
    public static string? Fold(char letter) => Plain.GetValueOrDefault(char.ToLowerInvariant(letter));
}
