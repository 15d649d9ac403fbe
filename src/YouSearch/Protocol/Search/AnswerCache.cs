using P2P.YouSearch.Wire;
using P2P.YouServ;

namespace P2P.YouSearch.Protocol;

/// <summary>Keeps what this peer has gathered for queries, as the sites have signed it, for those of the same rights. What was gathered first gives way; nothing is kept for long.</summary>
internal sealed class AnswerCache(long bytesMax, TimeSpan lifetime)
{
    /// <summary>Names the rights of all who have signed in: where a site's rules name neither people nor groups, they find the same.</summary>
    public const string Members = "members";

    private const int EntryBytes = 256;

    private readonly Dictionary<(string Key, string Rights), Entry> _entries = [];
    private readonly LinkedList<(string Key, string Rights)> _byAge = new();

    /// <summary>How many bytes are kept.</summary>
    public long Bytes { get; private set; }

    /// <summary>Names the rights of those who find the same wherever rules name no people: members of the same groups.</summary>
    /// <remarks>Lengths come first, so that no names of groups run into each other.</remarks>
    public static string RightsOf(IEnumerable<string> groups) => string.Concat(groups.Order(StringComparer.Ordinal).Select(group => $"{group.Length}:{group}"));

    /// <summary>Names the rights for which an answer is signed that somebody gets.</summary>
    public static string RightsFor(SearchReply reply, Visitor visitor) => reply switch
    {
        { IsPersonal: true } => $"user {visitor.User}",
        { IsForMembers: true } => Members,
        _ => RightsOf(visitor.Groups),
    };

    /// <summary>Keeps an answer in place of the one before.</summary>
    /// <returns>Whether it is kept; not if it is larger than everything may be.</returns>
    public bool Keep(string key, string rights, IReadOnlyList<SignedReply> replies, TimeSpan now)
    {
        Remove((key, rights));
        var bytes = EntryBytes + (2 * (key.Length + rights.Length)) + replies.Sum(reply => EntryBytes + (2L * (reply.Body.Length + reply.Proof.Length)));
        if (bytes > bytesMax)
        {
            return false;
        }

        while (_byAge.First is { } oldest && (Bytes + bytes > bytesMax || _entries[oldest.Value].At + lifetime <= now))
        {
            Remove(oldest.Value);
        }

        _entries[(key, rights)] = new(replies, bytes, now, _byAge.AddLast((key, rights)));
        Bytes += bytes;
        return true;
    }

    /// <summary>Finds an answer.</summary>
    /// <returns>It; null if there is none that is not too old.</returns>
    public IReadOnlyList<SignedReply>? Find(string key, string rights, TimeSpan now) =>
        _entries.TryGetValue((key, rights), out var entry) && entry.At + lifetime > now ? entry.Replies : null;

    private void Remove((string Key, string Rights) query)
    {
        if (_entries.Remove(query, out var entry))
        {
            _byAge.Remove(entry.Place);
            Bytes -= entry.Bytes;
        }
    }

    private sealed record Entry(IReadOnlyList<SignedReply> Replies, long Bytes, TimeSpan At, LinkedListNode<(string Key, string Rights)> Place);
}
