namespace P2P.YouServ.Protocol;

/// <summary>Compares the tag of a representation with those that a request names (RFC 9110 §8.8.3.2).</summary>
internal static class EntityTags
{
    private const string WeakMark = "W/";

    /// <summary>Tells whether a list names a tag.</summary>
    /// <param name="list">The value of If-Match or If-None-Match.</param>
    /// <param name="tag">The tag with its quotes, and with its mark if it is weak.</param>
    /// <param name="isWeakEnough">Whether tags count that are equal but for being weak.</param>
    public static bool Contains(string list, string tag, bool isWeakEnough)
    {
        var rest = list.AsSpan().Trim(" \t");
        if (rest is "*")
        {
            return true;
        }

        var isTagWeak = tag.StartsWith(WeakMark, StringComparison.Ordinal);
        var opaque = isTagWeak ? tag.AsSpan(WeakMark.Length) : tag;
        while (!rest.IsEmpty)
        {
            var isWeak = rest.StartsWith(WeakMark, StringComparison.Ordinal);
            rest = isWeak ? rest[WeakMark.Length..] : rest;
            var end = rest is ['"', ..] ? rest[1..].IndexOf('"') : -1;
            if (end < 0)
            {
                return false;
            }

            if ((isWeakEnough || !(isWeak || isTagWeak)) && rest[..(end + 2)].SequenceEqual(opaque))
            {
                return true;
            }

            rest = rest[(end + 2)..].TrimStart(" \t,");
        }

        return false;
    }
}
