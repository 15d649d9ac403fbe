using System.Text;
using P2P.Bloom;

// Two machines have word lists that differ a little, and both want all words. Neither sends its list: each sends a filter of it, and gets the
// words back that the filter certainly lacks. A filter takes some words for its own that it does not hold; the next round has another seed,
// hence other mistakes, and finds those.
HashSet<string> alice = [.. Words(0, 50_000)];
HashSet<string> bob = [.. Words(400, 50_300)];
var whole = BytesOf(alice) + BytesOf(bob);
var sent = 0;

for (var round = 1UL; Digest(alice) != Digest(bob); round++)
{
    var (fromAlice, fromBob) = (Summarize(alice, round), Summarize(bob, round));
    var (forBob, forAlice) = (MissingIn(fromBob, alice), MissingIn(fromAlice, bob));
    bob.UnionWith(forBob);
    alice.UnionWith(forAlice);
    sent += fromAlice.Length + fromBob.Length + BytesOf(forBob) + BytesOf(forAlice);
    Console.WriteLine($"Round {round}: filters of {fromAlice.Length} and {fromBob.Length} bytes; {forBob.Count} words for Bob, {forAlice.Count} for Alice.");
}

Console.WriteLine($"Both have the same {alice.Count} words, after {sent} bytes instead of {whole}.");

static byte[] Summarize(HashSet<string> words, ulong seed)
{
    var filter = BloomFilter.ForCapacity(words.Count, falsePositiveRate: 0.01, BloomHasher.Seeded(seed));
    foreach (var word in words)
    {
        filter.Add(word);
    }

    return filter.ToBytes();
}

static List<string> MissingIn(byte[] summary, HashSet<string> words)
{
    var filter = BloomFormat.Read<BloomFilter>(summary);
    return [.. words.Where(word => !filter.MayContain(word))];
}

// Equal sets have equal digests, in whatever order: 16 bytes tell whether another round is needed.
static BloomHash Digest(HashSet<string> words) => words.Select(word => BloomHasher.Default.Hash(word))
    .Aggregate((left, right) => new BloomHash(left.Low ^ right.Low, left.High + right.High));

static IEnumerable<string> Words(int first, int end) => Enumerable.Range(first, end - first).Select(number => $"word {number * 7919 % 99991}");

static int BytesOf(IEnumerable<string> words) => words.Sum(word => Encoding.UTF8.GetByteCount(word) + 1);
