using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace P2P.YouServ.Protocol;

/// <summary>Decides on what a request makes its answer depend on, in the order of RFC 9110 §13.2.2.</summary>
internal static class Preconditions
{
    /// <summary>What the conditions say.</summary>
    public enum Outcome
    {
        /// <summary>Answer as if there were none.</summary>
        Proceed,

        /// <summary>Status 304: the visitor has it already.</summary>
        NotModified,

        /// <summary>Status 412: it is not what the visitor thinks it is.</summary>
        Failed,
    }

    /// <summary>Weighs the conditions of a request that reads.</summary>
    /// <param name="ifMatch">If-Match; empty without one, as are the others.</param>
    /// <param name="ifUnmodifiedSince">If-Unmodified-Since.</param>
    /// <param name="ifNoneMatch">If-None-Match.</param>
    /// <param name="ifModifiedSince">If-Modified-Since.</param>
    /// <param name="tag">The strong tag of what would be sent.</param>
    /// <param name="modified">When that was modified, in whole seconds.</param>
    public static Outcome Weigh(
        StringValues ifMatch,
        StringValues ifUnmodifiedSince,
        StringValues ifNoneMatch,
        StringValues ifModifiedSince,
        string tag,
        DateTimeOffset modified)
    {
        var isWhatWasMeant = ifMatch.Count > 0
            ? EntityTags.Contains(ifMatch.ToString(), tag, isWeakEnough: false)
            : !TryDate(ifUnmodifiedSince, out var unmodified) || modified <= unmodified;
        if (!isWhatWasMeant)
        {
            return Outcome.Failed;
        }

        var isThere = ifNoneMatch.Count > 0
            ? EntityTags.Contains(ifNoneMatch.ToString(), tag, isWeakEnough: true)
            : TryDate(ifModifiedSince, out var since) && modified <= since;
        return isThere ? Outcome.NotModified : Outcome.Proceed;
    }

    /// <summary>Tells whether If-Range lets a part be sent (§13.1.5): only of exactly the representation that the visitor has the rest of.</summary>
    public static bool AllowRange(StringValues ifRange, string tag, DateTimeOffset modified) =>
        ifRange.Count == 0
        || ifRange.ToString() == tag
        || (TryDate(ifRange, out var date) && date == modified);

    private static bool TryDate(StringValues header, out DateTimeOffset date)
    {
        date = default;
        return header.Count > 0 && HeaderUtilities.TryParseDate(header.ToString(), out date);
    }
}
