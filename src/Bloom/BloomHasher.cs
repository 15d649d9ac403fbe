using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Unicode;
using P2P.Bloom.Hashing;

namespace P2P.Bloom;

/// <summary>
/// Turns elements into hashes, and hashes into positions. Equal elements give equal hashes: a text in UTF-16 and the same text in UTF-8, a
/// number and its bytes with the least significant first. Instances are immutable and serve any number of threads.
/// </summary>
/// <remarks>Derive from it to supply hash functions of your own.</remarks>
public abstract class BloomHasher : IEquatable<BloomHasher>
{
    // UTF-8 of up to 170 characters certainly fits; longer texts borrow from the pool.
    private const int StackLength = 512;

    private protected BloomHasher(BloomHashAlgorithm algorithm, ulong fingerprint, bool locates = false)
    {
        Algorithm = algorithm;
        Fingerprint = fingerprint;
        Locates = locates;
    }

    /// <summary>Initializes a hasher of the application's own.</summary>
    /// <param name="name">Tells it from others: filters whose hashers have different names don't combine. Change it with the function.</param>
    /// <param name="locates">True if it overrides <see cref="Locate"/>. Its filters then neither fold nor enter a matrix.</param>
    protected BloomHasher(string name, bool locates = false)
        : this(BloomHashAlgorithm.Custom, Xxh64.Hash(Encoding.UTF8.GetBytes(name ?? throw new ArgumentNullException(nameof(name))), seed: 0), locates)
    {
    }

    /// <summary>Gives the hasher that filters use unless told otherwise: XXH64 with seed 0, as Parquet's filters do.</summary>
    public static BloomHasher Default { get; } = new Xxh64Hasher(seed: 0);

    /// <summary>
    /// Gives the hasher of the first papers: MD5, whose four 32-bit words are up to four hash functions, each modulo the length.
    /// </summary>
    public static BloomHasher Md5 { get; } = new Md5Hasher();

    /// <summary>Creates a hasher with XXH64 under a public seed. A seed is no defence against an adversary; a key is.</summary>
    /// <param name="seed">Any number; it stands in each filter's header.</param>
    public static BloomHasher Seeded(ulong seed) => seed == 0 ? Default : new Xxh64Hasher(seed);

    /// <summary>
    /// Creates a hasher with SipHash-2-4-128 under a secret key. Without the key nobody can choose elements that fill a filter faster than
    /// random ones, or that are false positives, or find out from a filter's bits what it holds. Whoever has the key can do all of it.
    /// </summary>
    /// <remarks>
    /// An adversary who may ask the filter still finds false positives by trying, each try with the filter's rate, and may repeat those found.
    /// </remarks>
    /// <param name="key">16 bytes from a cryptographic random number generator. Never part of a filter: headers hold a one-way fingerprint.</param>
    /// <exception cref="ArgumentException">The key is not 16 bytes long.</exception>
    public static BloomHasher Keyed(ReadOnlySpan<byte> key) =>
        key.Length == KeyedHasher.KeyLength
            ? new KeyedHasher(key)
            : throw new ArgumentException($"A key is {KeyedHasher.KeyLength} bytes long, not {key.Length}.", nameof(key));

    /// <summary>Gives the function's name.</summary>
    public BloomHashAlgorithm Algorithm { get; }

    /// <summary>
    /// Gives what tells hashers of one algorithm apart: the seed, a one-way fingerprint of the key, or a hash of the name. It is public.
    /// </summary>
    public ulong Fingerprint { get; }

    /// <summary>Gives how many hash functions this hasher can supply; a filter takes at most 64.</summary>
    public virtual int HashCountMax => BloomParameters.HashCountMax;

    /// <summary>Tells whether the hasher has a way of its own from a hash to positions.</summary>
    public bool Locates { get; }

    /// <summary>Hashes bytes.</summary>
    public abstract BloomHash Hash(ReadOnlySpan<byte> element);

    /// <summary>
    /// Hashes a text by its UTF-8 form, without Unicode normalisation. Halves of surrogate pairs count as U+FFFD. Nothing is allocated.
    /// </summary>
    public BloomHash Hash(ReadOnlySpan<char> element)
    {
        if (element.Length <= StackLength / 3)
        {
            Span<byte> buffer = stackalloc byte[StackLength];
            return Hash(buffer[..Encode(element, buffer)]);
        }

        // Longer than any array may be, the text is no element of a set; GetMaxByteCount says so.
        var rented = ArrayPool<byte>.Shared.Rent(Encoding.UTF8.GetMaxByteCount(element.Length));
        var hash = Hash(rented.AsSpan(0, Encode(element, rented)));
        ArrayPool<byte>.Shared.Return(rented);
        return hash;
    }

    /// <summary>Hashes a number by its eight bytes, least significant first.</summary>
    public virtual BloomHash Hash(ulong element)
    {
        Span<byte> bytes = stackalloc byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, element);
        return Hash(bytes);
    }

    /// <summary>Hashes a number by its eight bytes in two's complement, least significant first.</summary>
    public BloomHash Hash(long element) => Hash((ulong)element);

    /// <summary>Hashes a number by its sixteen bytes, least significant first.</summary>
    [OverloadResolutionPriority(-1)]
    public BloomHash Hash(UInt128 element)
    {
        Span<byte> bytes = stackalloc byte[16];
        BinaryPrimitives.WriteUInt128LittleEndian(bytes, element);
        return Hash(bytes);
    }

    /// <summary>
    /// Derives positions from a hash. A hasher that <see cref="Locates"/> overrides it, so that each of its functions gives the index that it
    /// wants. <see cref="BlockedBloomFilter"/> has a layout of its own and does not ask.
    /// </summary>
    /// <param name="hash">What <c>Hash</c> returned for the element: 128 bits, to be used at will.</param>
    /// <param name="length">The vector's length in bits; each position must be at least 0 and below it.</param>
    /// <param name="positions">Receives the positions, one for each hash function.</param>
    public virtual void Locate(BloomHash hash, long length, Span<long> positions)
    {
        var probe = new ProbeSequence(hash);
        for (var index = 0; index < positions.Length; index++)
        {
            positions[index] = (long)probe.Next((ulong)length);
        }
    }

    /// <summary>Tells whether both give the same hash for each element.</summary>
    public bool Equals(BloomHasher? other) => other is not null && other.Algorithm == Algorithm && other.Fingerprint == Fingerprint;

    /// <inheritdoc/>
    public sealed override bool Equals(object? obj) => obj is BloomHasher other && Equals(other);

    /// <inheritdoc/>
    public sealed override int GetHashCode() => HashCode.Combine(Algorithm, Fingerprint);

    private static int Encode(ReadOnlySpan<char> text, Span<byte> destination)
    {
        Utf8.FromUtf16(text, destination, out _, out var written);
        return written;
    }
}
