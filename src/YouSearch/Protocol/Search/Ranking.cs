using P2P.YouSearch.Wire;

namespace P2P.YouSearch.Protocol;

/// <summary>
/// Weighs documents of many sites against each other (BM25). How rare a word is and how long documents are on average is taken from all sites that have answered together, so that a document has the same
/// weight whichever site has it; each answer may change the weights of all.
/// </summary>
internal sealed class Ranking(int parts)
{
    /// <summary>How soon more occurrences stop to count, and how much longer documents need more of them: the usual values, those of FTS5 too.</summary>
    private const double Saturation = 1.2;
    private const double LengthWeight = 0.75;

    private readonly long[] _partDocuments = new long[parts];
    private long _documents;
    private long _words;

    /// <summary>Counts what a site says of its documents.</summary>
    public void Add(SearchReply reply)
    {
        _documents += reply.Documents;
        _words += reply.Words;
        for (var part = 0; part < _partDocuments.Length; part++)
        {
            _partDocuments[part] += reply.PartDocuments[part];
        }
    }

    /// <summary>Weighs a document.</summary>
    public double ScoreOf(HitView hit)
    {
        var average = _documents == 0 ? 1 : Math.Max(1, (double)_words / _documents);
        var norm = Saturation * (1 - LengthWeight + (LengthWeight * hit.Words / average));
        var score = 0.0;
        for (var part = 0; part < _partDocuments.Length; part++)
        {
            var often = hit.PartFrequencies[part];

            // A word that most documents have must not count against a document.
            var rarity = Math.Log(1 + ((_documents - _partDocuments[part] + 0.5) / (_partDocuments[part] + 0.5)));
            score += rarity * often * (Saturation + 1) / (often + norm);
        }

        return score;
    }
}
