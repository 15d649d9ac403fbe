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

    /// <summary>How many times as many documents as the site in the middle a site may count for: what it says of them is not proven.</summary>
    private const double ShareMax = 100;

    private readonly List<SearchReply> _sites = [];
    private double[]? _partDocuments;
    private double _documents;
    private double _words;

    /// <summary>Counts what a site says of its documents.</summary>
    public void Add(SearchReply reply)
    {
        _sites.Add(reply);
        _partDocuments = null;
    }

    /// <summary>Weighs a document.</summary>
    public double ScoreOf(HitView hit)
    {
        var partDocuments = _partDocuments ??= Sum();
        var average = _documents == 0 ? 1 : Math.Max(1, _words / _documents);
        var norm = Saturation * (1 - LengthWeight + (LengthWeight * hit.Words / average));
        var score = 0.0;
        for (var part = 0; part < partDocuments.Length; part++)
        {
            var often = hit.PartFrequencies[part];

            // A word that most documents have must not count against a document.
            var rarity = Math.Log(1 + ((_documents - partDocuments[part] + 0.5) / (partDocuments[part] + 0.5)));
            score += rarity * often * (Saturation + 1) / (often + norm);
        }

        return score;
    }

    private double[] Sum()
    {
        var sorted = _sites.Select(site => site.Documents).Where(documents => documents > 0).Order().ToArray();
        var most = sorted.Length == 0 ? 0 : sorted[sorted.Length / 2] * ShareMax;
        var sums = new double[parts];
        (_documents, _words) = (0, 0);
        foreach (var site in _sites)
        {
            var share = site.Documents > most ? most / site.Documents : 1;
            _documents += site.Documents * share;
            _words += site.Words * share;
            for (var part = 0; part < parts; part++)
            {
                sums[part] += site.PartDocuments[part] * share;
            }
        }

        return sums;
    }
}
