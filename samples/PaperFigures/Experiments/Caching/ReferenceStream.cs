using PaperFigures.Experiments.Storage;

namespace PaperFigures.Experiments.Caching;

/// <summary>Draws who asks for which file when, in the stead of the logs of the paper's eight web proxies, which can't be had.</summary>
/// <remarks>
/// Popularity is Zipf-like: the r-th most popular file has references in proportion to r to the power of minus <see cref="PopularityExponent"/>, and one at
/// least, which leaves three files in five with one. A file's first reference comes at any time. After which part of the time that is then left another one
/// comes is drawn evenly and raised to the power of 1 + ln <see cref="References"/> / n for a file with n references: rare files are asked for again soon or never,
/// popular ones all the time. Each further reference comes from the client that asked before, from any of that one's log, or from anybody. Popularity, size
/// and log have nothing to do with each other.
/// </remarks>
/// <param name="Files">How many files there are.</param>
/// <param name="References">How many references to them.</param>
/// <param name="Clients">How many clients; client c belongs to log c modulo <paramref name="Logs"/>.</param>
/// <param name="Logs">How many logs.</param>
/// <param name="PopularityExponent">The Zipf exponent of the files' popularity, from 0 to less than 1.</param>
/// <param name="ActivitySigma">
/// How unequal clients are: how often each is the first to ask, or asks for what another one has asked for, is drawn log-normally with this deviation of the
/// natural logarithm. With 2, half of all first references come from clients that make more than seven times as many as the mean.
/// </param>
/// <param name="SameClient">The fraction of references to a known file that come from the client that asked for it before.</param>
/// <param name="SameLog">The fraction that come from any client of that one's log. What is left comes from anybody.</param>
internal sealed record ReferenceStream(
    int Files, int References, int Clients, int Logs, double PopularityExponent, double ActivitySigma, double SameClient, double SameLog)
{
    /// <summary>As many files, references and clients as in the paper.</summary>
    public static readonly ReferenceStream Web = new(
        1_863_055, 4_000_000, 775, 8, PopularityExponent: 0.75, ActivitySigma: 2, SameClient: 0.85, SameLog: 0.1);

    /// <summary>Gives a stream of the same kind with fewer files, references and clients.</summary>
    public ReferenceStream Scaled(double fraction) => this with
    {
        Files = Math.Max(1, (int)Math.Round(Files * fraction)),
        References = Math.Max(1, (int)Math.Round(References * fraction)),
        Clients = Math.Max(Logs, (int)Math.Round(Clients * fraction)),
    };

    /// <summary>Draws all references, in their order.</summary>
    public Reference[] Draw(Random random)
    {
        var ranks = DrawRanks(random);
        double[] activity = [.. Enumerable.Range(0, Clients).Select(_ => Math.Exp(ActivitySigma * Normal.Next(random)))];
        var all = new Lottery(activity);
        Lottery[] ofLog = [.. Enumerable.Range(0, Logs).Select(log => new Lottery(activity.Where((_, client) => client % Logs == log)))];
        var (numbers, lastClients) = (new int[Files], new int[Files]);
        var references = new Reference[ranks.Length];
        var known = 0;
        for (var i = 0; i < ranks.Length; i++)
        {
            ref var number = ref numbers[ranks[i]];
            ref var last = ref lastClients[ranks[i]];
            if (number == 0)
            {
                number = ++known;
                last = all.Draw(random);
            }
            else if (random.NextDouble() is var drawn && drawn >= SameClient)
            {
                var log = last % Logs;
                last = drawn < SameClient + SameLog ? log + Logs * ofLog[log].Draw(random) : all.Draw(random);
            }

            references[i] = new Reference(number - 1, last);
        }

        return references;
    }

    /// <summary>Draws to which file each reference is, by its rank in popularity, from 0.</summary>
    private int[] DrawRanks(Random random)
    {
        var counts = CountByRank();
        var (ranks, times) = (new List<int>(References), new List<double>(References));
        for (var rank = 0; rank < Files; rank++)
        {
            var first = random.NextDouble();
            var delay = 1 + Math.Log(References) / counts[rank];
            for (var i = 0; i < counts[rank]; i++)
            {
                ranks.Add(rank);
                times.Add(i == 0 ? first : first + (1 - first) * Math.Pow(random.NextDouble(), delay));
            }
        }

        var ordered = ranks.ToArray();
        Array.Sort(times.ToArray(), ordered);
        return ordered;
    }

    /// <summary>Says how many references there are to each file, the most popular one first.</summary>
    private int[] CountByRank()
    {
        double[] weights = [.. Enumerable.Range(1, Files).Select(rank => Math.Pow(rank, -PopularityExponent))];
        var (low, high) = (0.0, (double)References);
        for (var step = 0; step < 50; step++)
        {
            var factor = (low + high) / 2;
            (low, high) = weights.Sum(weight => Math.Max(1, factor * weight)) < References ? (factor, high) : (low, factor);
        }

        var (counts, sum) = (new int[Files], 0.0);
        for (var i = 0; i < Files; i++)
        {
            var before = Math.Round(sum);
            sum += Math.Max(1, high * weights[i]);
            counts[i] = (int)(Math.Round(sum) - before);
        }

        return counts;
    }
}
