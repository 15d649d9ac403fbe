using System.Buffers.Binary;
using P2P.YouServ;

namespace P2P.YouSearch.Wire;

/// <summary>Asks which sites may have an answer.</summary>
internal sealed record CandidateWish
{
    /// <summary>Of each alternative the hashes one after the other, eight bytes each, least significant first.</summary>
    public IReadOnlyList<byte[]> Alternatives { get; init => field = value ?? []; } = [];

    public IReadOnlyList<string> Sites { get; init => field = value ?? []; } = [];

    public string? Group { get; init; }

    public string? Key { get; init; }

    public static CandidateWish Of(CandidateQuery query) => new()
    {
        Alternatives = [.. query.Alternatives.Select(Write)],
        Sites = [.. query.Sites.Select(site => site.Value)],
        Group = query.Group,
        Key = query.Key.Length > 0 ? query.Key : null,
    };

    /// <summary>Reads the query.</summary>
    /// <returns>The query; null if it is none.</returns>
    public CandidateQuery? Read()
    {
        var sites = new List<SiteName>(Sites.Count);
        foreach (var text in Sites)
        {
            if (!SiteName.TryParse(text, out var site))
            {
                return null;
            }

            sites.Add(site);
        }

        return Alternatives.All(bytes => bytes is not null && bytes.Length % sizeof(ulong) == 0)
            ? new() { Alternatives = [.. Alternatives.Select(Read)], Sites = sites, Group = Group, Key = Key ?? "" }
            : null;
    }

    private static byte[] Write(IReadOnlyList<ulong> hashes)
    {
        var bytes = new byte[hashes.Count * sizeof(ulong)];
        for (var index = 0; index < hashes.Count; index++)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(index * sizeof(ulong)), hashes[index]);
        }

        return bytes;
    }

    private static ulong[] Read(byte[] bytes)
    {
        var hashes = new ulong[bytes.Length / sizeof(ulong)];
        for (var index = 0; index < hashes.Length; index++)
        {
            hashes[index] = BinaryPrimitives.ReadUInt64LittleEndian(bytes.AsSpan(index * sizeof(ulong)));
        }

        return hashes;
    }
}
