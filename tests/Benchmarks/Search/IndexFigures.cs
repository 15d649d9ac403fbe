namespace Benchmarks.Search;

/// <summary>What an index costs, beside the same text in a table of FTS5 with nothing around it.</summary>
/// <param name="Documents">How many documents there are.</param>
/// <param name="Megabytes">How many MB of text they have.</param>
/// <param name="Trials">Of how many trials the figures are medians.</param>
/// <param name="IndexMegabytesPerSecond">How fast the index takes them.</param>
/// <param name="BareIndexMegabytesPerSecond">How fast the bare table does.</param>
/// <param name="QueryP50">How long the index takes for the ten best, with counts and passages: the median.</param>
/// <param name="QueryP99">The same: of a hundred, all but one.</param>
/// <param name="BareQueryP50">How long the bare table takes for the numbers of the ten best.</param>
/// <param name="BareQueryP99">The same: of a hundred, all but one.</param>
/// <param name="AreaQueryP50">How long the index takes where the documents are in 16 areas of which every other is asked for.</param>
/// <param name="TermsTime">How long it takes to unite the terms of all documents.</param>
/// <param name="Terms">How many terms there are.</param>
/// <param name="FoldMegabytesPerSecond">How fast words are read and folded, without an index.</param>
internal sealed record IndexFigures(
    int Documents, double Megabytes, int Trials, double IndexMegabytesPerSecond, double BareIndexMegabytesPerSecond, TimeSpan QueryP50, TimeSpan QueryP99, TimeSpan BareQueryP50,
    TimeSpan BareQueryP99, TimeSpan AreaQueryP50, TimeSpan TermsTime, int Terms, double FoldMegabytesPerSecond)
{
    /// <summary>How many times as long as the bare table the index takes for taking documents.</summary>
    public double IndexRatio => BareIndexMegabytesPerSecond / IndexMegabytesPerSecond;

    /// <summary>How many times as long as the bare table the index takes for a query.</summary>
    public double QueryRatio => QueryP50 / BareQueryP50;
}
