using P2P.YouSearch.Protocol;
using P2P.YouSearch.Wire;

namespace P2P.YouSearch.Hosting;

/// <summary>Lets any number of threads use one <see cref="AnswerCache"/>.</summary>
internal sealed class GatheredAnswers(AnswerCache cache, TimeProvider clock)
{
    private readonly Lock _gate = new();
    private readonly long _start = clock.GetTimestamp();

    /// <summary>Keeps replies for those for whom they are the same.</summary>
    /// <returns>Whether any are kept.</returns>
    public bool Keep(string key, string rights, IReadOnlyList<SignedReply> replies)
    {
        lock (_gate)
        {
            return replies.Count > 0 && cache.Keep(key, rights, replies, clock.GetElapsedTime(_start));
        }
    }

    /// <summary>Finds the replies that are the same for somebody of certain rights.</summary>
    public IReadOnlyList<SignedReply> Find(string key, string rights)
    {
        lock (_gate)
        {
            var now = clock.GetElapsedTime(_start);
            return [.. cache.Find(key, AnswerCache.Members, now) ?? [], .. cache.Find(key, rights, now) ?? []];
        }
    }
}
