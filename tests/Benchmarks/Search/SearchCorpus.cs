using System.Text;

namespace Benchmarks.Search;

/// <summary>Makes documents of words that are as frequent as those of a language: the n-th of them as 1/n.</summary>
internal sealed class SearchCorpus
{
    private const int WordCount = 57_000;
    private const string Consonants = "bcdfghjklmnpqrstvwxz";
    private const string Vowels = "aeiou";

    private readonly string[] _words = new string[WordCount];
    private readonly double[] _cumulative = new double[WordCount];
    private readonly Random _random;

    private SearchCorpus(int seed)
    {
        _random = new Random(seed);
        var known = new HashSet<string>();
        var sum = 0.0;
        for (var i = 0; i < WordCount; i++)
        {
            string word;
            do
            {
                word = MakeWord(i);
            }
            while (!known.Add(word));

            _words[i] = word;
            _cumulative[i] = sum += 1.0 / (i + 3);
        }
    }

    /// <summary>The documents' texts.</summary>
    public List<string> Texts { get; } = [];

    /// <summary>How many bytes they have together.</summary>
    public long Bytes { get; private set; }

    /// <summary>Queries of one to three words, as people type them: rarer words more often than texts have them.</summary>
    public List<string> Queries { get; } = [];

    /// <summary>Makes a corpus.</summary>
    public static SearchCorpus Make(int documents, long bytes, int queries, int seed = 1)
    {
        var corpus = new SearchCorpus(seed);
        var length = (int)(bytes / documents);
        for (var i = 0; i < documents; i++)
        {
            // Most are short, some are long.
            corpus.AddDocument((int)(length * (0.1 + (-Math.Log(1 - corpus._random.NextDouble()) * 0.9))));
        }

        for (var i = 0; i < queries; i++)
        {
            corpus.Queries.Add(string.Join(' ', Enumerable.Range(0, 1 + (i % 3)).Select(_ => corpus._words[corpus._random.Next(20, 5000)])));
        }

        return corpus;
    }

    private void AddDocument(int length)
    {
        var text = new StringBuilder(length + 16);
        for (var words = 0; text.Length < length; words++)
        {
            var word = _words[Pick()];
            text.Append(words % 12 == 0 ? char.ToUpperInvariant(word[0]) : word[0]).Append(word, 1, word.Length - 1).Append(words % 12 == 11 ? ".\n" : words % 7 == 6 ? ", " : " ");
        }

        Texts.Add(text.ToString());
        Bytes += text.Length;
    }

    private int Pick()
    {
        var place = Array.BinarySearch(_cumulative, _random.NextDouble() * _cumulative[^1]);
        return Math.Min(place < 0 ? ~place : place, WordCount - 1);
    }

    private string MakeWord(int rank)
    {
        var word = new StringBuilder();
        var letters = rank < 50 ? _random.Next(2, 4) : _random.Next(4, 11);
        while (word.Length < letters)
        {
            word.Append(Consonants[_random.Next(Consonants.Length)]).Append(Vowels[_random.Next(Vowels.Length)]);
        }

        return word.ToString(0, letters);
    }
}
