namespace P2P.YouSearch.Wire;

/// <summary>Takes out of a short text of others what turns the direction of letters around: a name must look like what it is.</summary>
internal static class DisplayText
{
    public static string Of(string text) => text.Any(Turns) ? string.Concat(text.Where(letter => !Turns(letter))) : text;

    private static bool Turns(char letter) => letter is (>= '\u202a' and <= '\u202e') or (>= '\u2066' and <= '\u2069') or '\u200e' or '\u200f' or '\u061c' || char.IsControl(letter);
}
