using P2P.YouSearch.Protocol;
using P2P.YouSearch.Wire;

namespace P2P.YouSearch.Hosting;

/// <summary>Lets any number of threads use one <see cref="AnswerCache"/>.</summary>
internal sealed class GatheredAnswers(AnswerCache cache, TimeProvider clock)
{
    private readonly Lock _gate = new();
    private readonly long _start = clock.GetTimestamp();

    public bool Keep(string key, string rights, IReadOnlyList<SignedReply> replies)
    {
        lock (_gate)
        {
            return cache.Keep(key, rights, replies, clock.GetElapsedTime(_start));
        }
    }

    public IReadOnlyList<SignedReply>? Find(string key, string rights)
    {
        lock (_gate)
        {
            return cache.Find(key, rights, clock.GetElapsedTime(_start));
        }
    }
}
