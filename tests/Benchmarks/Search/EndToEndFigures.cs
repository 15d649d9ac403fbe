namespace Benchmarks.Search;

/// <summary>Says how long people wait for what they search, and for what they save.</summary>
/// <param name="Peers">How many peers there are.</param>
/// <param name="Documents">How many documents they have together.</param>
/// <param name="Queries">How many queries were asked.</param>
/// <param name="QueryP50">How long it takes until a search of two words is over: the median.</param>
/// <param name="QueryP99">The same: of a hundred, all but one.</param>
/// <param name="WideP50">How long those take that ask the most peers, a tenth of them: the median.</param>
/// <param name="WideAsked">How many these ask at least.</param>
/// <param name="UnconnectedP50">How long the first search of a peer takes, which is connected to no other: the median.</param>
/// <param name="UnconnectedP99">The same: of a hundred, all but one.</param>
/// <param name="FirstHitP50">How long it takes until the first document is shown, of the searches that find one: the median.</param>
/// <param name="FirstHitP99">The same: of a hundred, all but one.</param>
/// <param name="AskedP50">How many peers are asked: the median.</param>
/// <param name="AskedMax">How many are asked at most.</param>
/// <param name="EmptyShare">The share of them that have nothing.</param>
/// <param name="ProcessorTime">How much processor time a search takes, at whoever asks and all who are asked.</param>
/// <param name="Silent">How many answers did not come in time.</param>
/// <param name="Saves">How many files were saved.</param>
/// <param name="FoundP50">How long it takes until another peer finds one: the median.</param>
/// <param name="FoundMax">How long it takes at most.</param>
internal sealed record EndToEndFigures(
    int Peers, int Documents, int Queries, TimeSpan QueryP50, TimeSpan QueryP99, TimeSpan WideP50, int WideAsked, TimeSpan UnconnectedP50, TimeSpan UnconnectedP99, TimeSpan FirstHitP50, TimeSpan FirstHitP99,
    int AskedP50, int AskedMax, double EmptyShare, TimeSpan ProcessorTime, int Silent, int Saves, TimeSpan FoundP50, TimeSpan FoundMax);
