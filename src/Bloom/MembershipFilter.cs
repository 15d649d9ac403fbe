using System.Buffers;
using System.Runtime.CompilerServices;
using P2P.Bloom.Wire;

namespace P2P.Bloom;

/// <summary>
/// Remembers which elements were added in far less room than they take. It never denies an element that it holds; of the others it takes
/// some for its own, at a known rate.
/// </summary>
/// <remarks>
/// Any number of threads may add and ask at the same time, without locks; whoever asks after an addition has returned finds its element.
/// Methods that say so in their remarks need the filter to themselves.
/// </remarks>
public abstract class MembershipFilter
{
    private protected MembershipFilter(BloomHasher? hasher) => Hasher = hasher ?? BloomHasher.Default;

    /// <summary>Gives the hasher of the filter's elements.</summary>
    public BloomHasher Hasher { get; }

    /// <summary>Gives the bytes of memory that the filter's bits take.</summary>
    public abstract long MemoryBytes { get; }

    /// <summary>Adds an element by its hash.</summary>
    /// <returns>True if the filter has changed, so that the element was certainly new to it.</returns>
    public abstract bool Add(BloomHash hash);

    /// <summary>Adds an element by its hash, faster, while no other thread adds. Others may ask meanwhile.</summary>
    /// <returns>True if the filter has changed, so that the element was certainly new to it.</returns>
    public virtual bool AddUnshared(BloomHash hash) => Add(hash);

    /// <summary>Tells by its hash whether the filter may hold an element; false is certain.</summary>
    public abstract bool MayContain(BloomHash hash);

    /// <summary>Adds an element given by its bytes.</summary>
    /// <returns>True if the filter has changed, so that the element was certainly new to it.</returns>
    public bool Add(ReadOnlySpan<byte> element) => Add(Hasher.Hash(element));

    /// <summary>Adds a text; the same text in UTF-8 is the same element.</summary>
    /// <returns>True if the filter has changed, so that the element was certainly new to it.</returns>
    public bool Add(ReadOnlySpan<char> element) => Add(Hasher.Hash(element));

    /// <summary>Adds a number: the element of its eight bytes, least significant first.</summary>
    /// <returns>True if the filter has changed, so that the element was certainly new to it.</returns>
    public bool Add(long element) => Add(Hasher.Hash(element));

    /// <summary>Adds a number: the element of its eight bytes, least significant first.</summary>
    /// <returns>True if the filter has changed, so that the element was certainly new to it.</returns>
    public bool Add(ulong element) => Add(Hasher.Hash(element));

    /// <summary>Adds a number: the element of its sixteen bytes, least significant first.</summary>
    /// <returns>True if the filter has changed, so that the element was certainly new to it.</returns>
    [OverloadResolutionPriority(-1)]
    public bool Add(UInt128 element) => Add(Hasher.Hash(element));

    /// <summary>Tells whether the filter may hold an element given by its bytes; false is certain.</summary>
    public bool MayContain(ReadOnlySpan<byte> element) => MayContain(Hasher.Hash(element));

    /// <summary>Tells whether the filter may hold a text; false is certain.</summary>
    public bool MayContain(ReadOnlySpan<char> element) => MayContain(Hasher.Hash(element));

    /// <summary>Tells whether the filter may hold a number; false is certain.</summary>
    public bool MayContain(long element) => MayContain(Hasher.Hash(element));

    /// <summary>Tells whether the filter may hold a number; false is certain.</summary>
    public bool MayContain(ulong element) => MayContain(Hasher.Hash(element));

    /// <summary>Tells whether the filter may hold a number; false is certain.</summary>
    [OverloadResolutionPriority(-1)]
    public bool MayContain(UInt128 element) => MayContain(Hasher.Hash(element));

    /// <summary>Estimates from the filter's bits how many different elements it holds; infinite when all bits are set.</summary>
    public abstract double EstimateCount();

    /// <summary>Estimates from the filter's bits which fraction of the elements that it does not hold it takes for its own.</summary>
    public abstract double EstimateFalsePositiveRate();

    /// <summary>Forgets all elements.</summary>
    /// <remarks>Needs the filter to itself.</remarks>
    public abstract void Clear();

    /// <summary>
    /// Encodes the filter as it is now, raw or by the gaps between its bits, whichever is shorter. <see cref="BloomFormat"/> reads it.
    /// </summary>
    /// <exception cref="InvalidOperationException">The filter would take more bytes than an array can have.</exception>
    public byte[] ToBytes()
    {
        var encoding = Encode();
        var bytes = GC.AllocateUninitializedArray<byte>(encoding.Length);
        encoding.Write(bytes);
        return bytes;
    }

    /// <summary>Encodes the filter as it is now into a buffer. See <see cref="ToBytes"/>.</summary>
    /// <exception cref="InvalidOperationException">The filter would take more bytes than an array can have.</exception>
    public void WriteTo(IBufferWriter<byte> destination)
    {
        ArgumentNullException.ThrowIfNull(destination);
        var encoding = Encode();
        encoding.Write(destination.GetSpan(encoding.Length)[..encoding.Length]);
        destination.Advance(encoding.Length);
    }

    /// <summary>Fixes what is to be written, so that additions meanwhile can't change its length.</summary>
    internal abstract IEncoding Encode();
}
