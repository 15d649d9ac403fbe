namespace P2P.YouServ.Dns;

/// <summary>Is what a zone has at one name. It never changes: another one takes its place.</summary>
/// <param name="Sets">The sets, each of another type; a name that is there only because others lie below it has none (RFC 8020).</param>
/// <param name="Children">How many names lie right below it.</param>
internal sealed record ZoneNode(EncodedSet[] Sets, int Children)
{
    public static ZoneNode Empty { get; } = new([], 0);

    /// <summary>Whether the name is there for its own sake or for others'.</summary>
    public bool Exists => Sets.Length > 0 || Children > 0;

    public EncodedSet? Find(int type)
    {
        foreach (var set in Sets)
        {
            if (set.Type == type)
            {
                return set;
            }
        }

        return null;
    }

    /// <summary>Gives the node with a set in the place of what it has of that type; null removes it.</summary>
    public ZoneNode With(int type, EncodedSet? set) =>
        this with { Sets = [.. Sets.Where(other => other.Type != type), .. set is null ? [] : (EncodedSet[])[set]] };
}
