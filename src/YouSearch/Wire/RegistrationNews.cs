using P2P.Bloom;
using P2P.YouSearch.Protocol;

namespace P2P.YouSearch.Wire;

/// <summary>Says a registration in as few bytes as it can be said.</summary>
internal static class RegistrationNews
{
    /// <param name="registration">What a site tells.</param>
    /// <param name="parts">In how many parts the registrar wants changes.</param>
    public static RegistrationMessage Of(SiteRegistration registration, int parts) => new()
    {
        Site = registration.Site,
        Generation = registration.Generation,
        Public = Of(registration.Public, parts),
        Members = Of(registration.Members, parts),
    };

    private static SummaryNews Of(SummaryState state, int parts)
    {
        if (state.Filter is not { } filter)
        {
            return SummaryNews.Nothing.Instance;
        }

        if (ReferenceEquals(filter, state.Base))
        {
            return new SummaryNews.AsItWas(filter.ComputeFingerprint());
        }

        if (state.Base is { } before && before.Bits == filter.Bits && before.HashCount == filter.HashCount && before.Hasher.Equals(filter.Hasher))
        {
            var changes = new SummaryNews.Changes(before.ComputeFingerprint(), filter.ComputeFingerprint(), Between(before, filter, parts));
            if (changes.Base == changes.Result)
            {
                return new SummaryNews.AsItWas(changes.Result);
            }

            if (changes.Parts.Sum(part => part.ToBytes().Length) < filter.ToBytes().Length)
            {
                return changes;
            }
        }

        return new SummaryNews.Whole(filter);
    }

    private static BloomDelta[] Between(PartitionedBloomFilter before, PartitionedBloomFilter after, int parts) =>
        parts == 1 ? [after.DeltaSince(before)] : [.. Enumerable.Range(0, after.HashCount).Select(index => after.Vector(index).DeltaSince(before.Vector(index)))];
}
