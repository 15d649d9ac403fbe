namespace PaperFigures.Experiments.Searching;

/// <summary>Says how common words are, and draws the words of sites. The word of rank r, from 0, is at a share of the sites of <see cref="Top"/> · (1 + r / <see cref="Bend"/>) to the power of minus <see cref="Exponent"/>.</summary>
internal static class WordShares
{
    private const double Top = 0.45;
    private const double Bend = 30;
    private const double Exponent = 0.6;

    /// <summary>How unequal sites are: the deviation of the natural logarithm of what their words' shares are multiplied with.</summary>
    private const double SizeSigma = 0.6;

    /// <summary>Draws the words of a site, by their ranks, ascending.</summary>
    public static int[] Draw(Random random)
    {
        // On average 1.
        var size = Math.Exp((SizeSigma * Storage.Normal.Next(random)) - (SizeSigma * SizeSigma / 2));
        var words = new List<int>();
        var bound = ShareOf(0, size);
        for (var rank = Skip(random, bound); rank < SearchSetup.Words; rank += 1 + Skip(random, bound))
        {
            // Shares fall with the rank, so that the one before bounds this one.
            var share = ShareOf(rank, size);
            if (random.NextDouble() * bound < share)
            {
                words.Add(rank);
            }

            bound = share;
        }

        return [.. words];
    }

    /// <summary>Gives a word as people write it.</summary>
    public static string TextOf(int rank)
    {
        Span<char> text = stackalloc char[5];
        for (var place = text.Length - 1; place > 0; place--)
        {
            text[place] = (char)('a' + (rank % 26));
            rank /= 26;
        }

        text[0] = 'w';
        return new string(text);
    }

    private static double ShareOf(int rank, double size) => Math.Min(1, size * Top * Math.Pow(1 + (rank / Bend), -Exponent));

    /// <summary>Draws how many words in a row a site lacks that has each with the same share.</summary>
    private static int Skip(Random random, double share) =>
        share >= 1 ? 0 : (int)Math.Min(SearchSetup.Words, Math.Log(1 - random.NextDouble()) / Math.Log(1 - share));
}
