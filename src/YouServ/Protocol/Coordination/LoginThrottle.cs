namespace P2P.YouServ.Protocol;

/// <summary>
/// Bounds how fast passwords may be guessed: by one place for one user, by one place for whomever, and by all places for one user. The first is the tightest, so that strangers
/// far away cannot keep a user out. Only failures count. What it remembers is bounded; at the bound, what was refreshed longest ago is forgotten.
/// </summary>
internal sealed class LoginThrottle(int entriesMax = 65_536)
{
    private static readonly Rate UserFromPlace = new(5, TimeSpan.FromMinutes(1));
    private static readonly Rate Place = new(20, TimeSpan.FromSeconds(15));
    private static readonly Rate User = new(50, TimeSpan.FromSeconds(20));

    private readonly Dictionary<string, LinkedListNode<Bucket>> _buckets = new(StringComparer.Ordinal);
    private readonly LinkedList<Bucket> _byAge = [];

    /// <summary>Tells how long to wait until the next attempt; zero if it may be made now.</summary>
    public TimeSpan Wait(string user, string place, TimeSpan now)
    {
        var wait = TimeSpan.Zero;
        foreach (var (key, rate) in Keys(user, place))
        {
            if (_buckets.TryGetValue(key, out var node))
            {
                wait = Max(wait, node.Value.Wait(rate, now));
            }
        }

        return wait;
    }

    /// <summary>Counts an attempt before its outcome is known, so that many at the same time count as many.</summary>
    public void Attempt(string user, string place, TimeSpan now)
    {
        foreach (var (key, rate) in Keys(user, place))
        {
            if (_buckets.Remove(key, out var node))
            {
                _byAge.Remove(node);
            }
            else
            {
                node = new LinkedListNode<Bucket>(new Bucket(key));
            }

            node.Value.Take(rate, now);
            _byAge.AddLast(node);
            _buckets.Add(key, node);
        }

        while (_buckets.Count > entriesMax)
        {
            _buckets.Remove(_byAge.First!.Value.Key);
            _byAge.RemoveFirst();
        }
    }

    /// <summary>Takes an attempt back, which has turned out right.</summary>
    public void Succeed(string user, string place)
    {
        foreach (var (key, _) in Keys(user, place))
        {
            if (_buckets.TryGetValue(key, out var node))
            {
                node.Value.GiveBack();
            }
        }
    }

    private static IEnumerable<(string Key, Rate Rate)> Keys(string user, string place) =>
        [($"{user}\n{place}", UserFromPlace), ($"\n{place}", Place), ($"{user}\n", User)];

    private static TimeSpan Max(TimeSpan a, TimeSpan b) => a > b ? a : b;

    /// <summary>So many at once, and then one each so often.</summary>
    private sealed record Rate(int Burst, TimeSpan Interval);

    private sealed class Bucket(string key)
    {
        private double _used;
        private TimeSpan _at;

        public string Key => key;

        public TimeSpan Wait(Rate rate, TimeSpan now) => UsedAt(rate, now) is var used && used + 1 <= rate.Burst ? TimeSpan.Zero : (used + 1 - rate.Burst) * rate.Interval;

        public void Take(Rate rate, TimeSpan now) => (_used, _at) = (UsedAt(rate, now) + 1, now);

        public void GiveBack() => _used = Math.Max(0, _used - 1);

        private double UsedAt(Rate rate, TimeSpan now) => Math.Max(0, _used - ((now - _at) / rate.Interval));
    }
}
