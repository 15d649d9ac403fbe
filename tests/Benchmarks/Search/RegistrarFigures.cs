namespace Benchmarks.Search;

/// <summary>Says what a registrar costs.</summary>
/// <param name="Peers">How many sites it knows.</param>
/// <param name="Queries">How many queries were timed.</param>
/// <param name="QueryMedianMicroseconds">A query of two words by somebody who has signed in: both summaries, and the list that is answered.</param>
/// <param name="QueryP99Microseconds">The same, of which one in a hundred takes longer.</param>
/// <param name="AnonymousQueryMedianMicroseconds">A query by somebody who has not.</param>
/// <param name="QueryBytes">What it leaves to the collector.</param>
/// <param name="CandidatesMean">How many sites are named.</param>
/// <param name="DeltaMedianMicroseconds">A registration that changes a hundred words, from the bytes that came.</param>
/// <param name="DeltaP99Microseconds">The same, of which one in a hundred takes longer.</param>
/// <param name="KeepAliveMedianMicroseconds">A registration that says that nothing has changed.</param>
/// <param name="VectorMebibytes">What summaries take.</param>
/// <param name="TotalMebibytes">What all that the registrar keeps takes.</param>
internal sealed record RegistrarFigures(
    int Peers,
    int Queries,
    double QueryMedianMicroseconds,
    double QueryP99Microseconds,
    double AnonymousQueryMedianMicroseconds,
    double QueryBytes,
    double CandidatesMean,
    double DeltaMedianMicroseconds,
    double DeltaP99Microseconds,
    double KeepAliveMedianMicroseconds,
    double VectorMebibytes,
    double TotalMebibytes);
