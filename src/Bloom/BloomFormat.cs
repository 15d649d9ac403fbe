using System.Diagnostics.CodeAnalysis;
using P2P.Bloom.Wire;

namespace P2P.Bloom;

/// <summary>
/// Reads filters and deltas from bytes that anybody may have sent. Readers verify everything, throw nothing but <see cref="BloomFormatException"/>,
/// and never allocate more than 256 times the length of the input, or 64 KiB if that is more.
/// </summary>
public static class BloomFormat
{
    /// <summary>Reads a filter of a certain kind, or of any with <see cref="MembershipFilter"/>.</summary>
    /// <param name="bytes">The whole of what <see cref="MembershipFilter.ToBytes"/> gave.</param>
    /// <param name="hasher">The hasher that the filter must have. Without it, whatever needs no key and no code of the application's is accepted.</param>
    /// <exception cref="BloomFormatException">The bytes are not such a filter, or its hasher is another.</exception>
    public static TFilter Read<TFilter>(ReadOnlySpan<byte> bytes, BloomHasher? hasher = null)
        where TFilter : MembershipFilter
    {
        var fault = FilterReader.TryRead(bytes, hasher, out var filter);
        return filter is not null && fault is null
            ? filter as TFilter ?? throw new BloomFormatException($"The filter is a {filter.GetType().Name}, not a {typeof(TFilter).Name}.")
            : throw new BloomFormatException(fault!);
    }

    /// <summary>Reads a filter of a certain kind, or of any with <see cref="MembershipFilter"/>, without an exception.</summary>
    /// <param name="bytes">The whole of what <see cref="MembershipFilter.ToBytes"/> gave.</param>
    /// <param name="filter">The filter, or null.</param>
    /// <param name="hasher">The hasher that the filter must have. Without it, whatever needs no key and no code of the application's is accepted.</param>
    /// <returns>False if the bytes are not such a filter, or its hasher is another.</returns>
    public static bool TryRead<TFilter>(ReadOnlySpan<byte> bytes, [NotNullWhen(true)] out TFilter? filter, BloomHasher? hasher = null)
        where TFilter : MembershipFilter
    {
        filter = FilterReader.TryRead(bytes, hasher, out var read) is null ? read as TFilter : null;
        return filter is not null;
    }

    /// <summary>Reads a delta.</summary>
    /// <param name="bytes">The whole of what <see cref="BloomDelta.ToBytes"/> gave.</param>
    /// <exception cref="BloomFormatException">The bytes are no delta.</exception>
    public static BloomDelta ReadDelta(ReadOnlySpan<byte> bytes) =>
        FilterReader.TryReadDelta(bytes, out var delta) is { } fault ? throw new BloomFormatException(fault) : delta!;

    /// <summary>Reads a delta without an exception.</summary>
    /// <param name="bytes">The whole of what <see cref="BloomDelta.ToBytes"/> gave.</param>
    /// <param name="delta">The delta, or null.</param>
    /// <returns>False if the bytes are no delta.</returns>
    public static bool TryReadDelta(ReadOnlySpan<byte> bytes, [NotNullWhen(true)] out BloomDelta? delta) =>
        FilterReader.TryReadDelta(bytes, out delta) is null;
}
