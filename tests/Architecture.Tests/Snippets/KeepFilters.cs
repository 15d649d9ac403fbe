// snippet: keep-filters
using System.Security.Cryptography;
using P2P.Bloom;
// end of snippet

namespace Architecture.Tests.Snippets;

internal static class KeepFilters
{
    public static void Run()
    {
        // snippet: keep-filters
        // A filter under a secret key. Its bytes tell keys apart and hold none, so whoever reads them supplies the hasher.
        var hasher = BloomHasher.Keyed(RandomNumberGenerator.GetBytes(16));
        var seen = BloomFilter.ForCapacity(10_000, falsePositiveRate: 0.001, hasher);
        File.WriteAllBytes("seen.bloom", seen.ToBytes());
        var kept = BloomFormat.Read<BloomFilter>(File.ReadAllBytes("seen.bloom"), hasher);

        // A delta applies to the version that it was computed from. False: take the whole filter instead.
        var older = seen.Snapshot();
        seen.Add("medlar");
        if (!kept.TryApply(seen.DeltaSince(older)))
        {
            kept = seen.Snapshot();
        }
        // end of snippet
    }
}
