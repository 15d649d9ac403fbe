using System.Numerics;
using P2P.Bloom.Bits;
using P2P.Bloom.Wire;

namespace P2P.Bloom;

/// <summary>
/// Keeps all eight bits of an element in one block of 256, so that a question costs one access to memory: the split block filter whose
/// layout and bytes Apache Parquet specifies. The fastest of all, for about a tenth more memory at a rate of 1%, and a fifth at 0.1%.
/// </summary>
/// <remarks>
/// Any number of threads may add, ask, unite into it and take snapshots at the same time, without locks; additions are atomic ors.
/// Intersecting, applying deltas and clearing need the filter to themselves but for readers.
/// </remarks>
public sealed class BlockedBloomFilter : BitFilter<BlockedBloomFilter>
{
    /// <summary>The length of a block in bytes.</summary>
    public const int BlockBytes = FilterShape.BlockBits / 8;

    private readonly ulong[] _words;
    private readonly ulong _blocks;

    /// <summary>Creates an empty filter of explicit size.</summary>
    /// <param name="blockCount">The number of blocks, from 1 to 2²⁸. Parquet takes powers of two only; powers of two fold well.</param>
    /// <param name="hasher">Hashes the elements; <see cref="BloomHasher.Default"/>, which is Parquet's, if null.</param>
    /// <exception cref="ArgumentOutOfRangeException">The size is out of its range.</exception>
    public BlockedBloomFilter(int blockCount, BloomHasher? hasher = null)
        : this(ShapeOf(blockCount, hasher), hasher, words: null)
    {
    }

    internal BlockedBloomFilter(in FilterShape shape, BloomHasher? hasher, ulong[]? words)
        : base(shape, hasher, words)
    {
        _words = Words;
        _blocks = (ulong)(shape.Bits / FilterShape.BlockBits);
    }

    /// <summary>Gives the number of blocks.</summary>
    public int BlockCount => (int)_blocks;

    /// <summary>Creates an empty filter for a number of elements and a rate of false positives.</summary>
    /// <param name="capacity">How many elements the filter will hold; 1 at least.</param>
    /// <param name="falsePositiveRate">The rate at that capacity, above 0 and below 1.</param>
    /// <param name="foldable">True rounds the number of blocks up to a power of two, as Parquet and folding want it.</param>
    /// <param name="hasher">Hashes the elements; <see cref="BloomHasher.Default"/>, which is Parquet's, if null.</param>
    /// <exception cref="ArgumentOutOfRangeException">An argument is out of its range, or too many blocks would be needed.</exception>
    public static BlockedBloomFilter ForCapacity(long capacity, double falsePositiveRate, bool foldable = false, BloomHasher? hasher = null)
    {
        BloomParameters.CheckTarget(capacity, falsePositiveRate);
        var blocks = capacity / SplitBlockTheory.LoadFor(falsePositiveRate);
        var count = (int)(BloomParameters.CheckedBits(blocks * FilterShape.BlockBits, capacity) / FilterShape.BlockBits);
        count = Math.Max(1, count < blocks ? count + 1 : count);
        return new BlockedBloomFilter(foldable ? (int)BitOperations.RoundUpToPowerOf2((uint)count) : count, hasher);
    }

    /// <summary>Takes the bitset of a filter in a Parquet file: the bytes that follow its header.</summary>
    /// <exception cref="ArgumentException">The length is not a positive multiple of 32.</exception>
    public static BlockedBloomFilter FromParquet(ReadOnlySpan<byte> bitset, BloomHasher? hasher = null)
    {
        if (bitset.IsEmpty || bitset.Length % BlockBytes != 0)
        {
            throw new ArgumentException($"A bitset of {bitset.Length} bytes does not consist of blocks of {BlockBytes}.", nameof(bitset));
        }

        var filter = new BlockedBloomFilter(bitset.Length / BlockBytes, hasher);
        BitWords.Read(bitset, filter.Words);
        return filter;
    }

    /// <summary>Gives the bitset as it stands in a Parquet file, after the header.</summary>
    /// <remarks>Parquet hashes with <see cref="BloomHasher.Default"/>: byte arrays and texts by their bytes, INT64 as <see cref="long"/>.</remarks>
    /// <exception cref="InvalidOperationException">The filter would take more bytes than an array can have.</exception>
    public byte[] ToParquet()
    {
        if (MemoryBytes > Array.MaxLength)
        {
            throw new InvalidOperationException($"A filter of {MemoryBytes} bytes does not fit into an array.");
        }

        var bitset = new byte[MemoryBytes];
        BitWords.Write(Words, bitset);
        return bitset;
    }

    /// <inheritdoc/>
    public override bool Add(BloomHash hash) => SplitBlock.AddShared(_words, SplitBlock.Start(hash.Low, _blocks), (uint)hash.Low);

    /// <inheritdoc/>
    public override bool AddUnshared(BloomHash hash) => SplitBlock.AddUnshared(_words, SplitBlock.Start(hash.Low, _blocks), (uint)hash.Low);

    /// <inheritdoc/>
    public override bool MayContain(BloomHash hash) => SplitBlock.MayContain(_words, SplitBlock.Start(hash.Low, _blocks), (uint)hash.Low);

    /// <inheritdoc/>
    public override double EstimateFalsePositiveRate()
    {
        // An element that is not there passes a block with the product of its words' fill.
        var sum = 0.0;
        for (var start = 0; start < Words.Length; start += SplitBlock.Words)
        {
            var product = 1.0;
            foreach (var word in Words.AsSpan(start, SplitBlock.Words))
            {
                product *= BitOperations.PopCount((uint)word) * BitOperations.PopCount((uint)(word >> 32)) / 1024.0;
            }

            sum += product;
        }

        return sum / BlockCount;
    }

    private protected override BlockedBloomFilter Create(in FilterShape shape, ulong[]? words) => new(shape, Hasher, words);

    private protected override void FoldInto(BlockedBloomFilter target)
    {
        var factor = BlockCount / target.BlockCount;
        for (var index = 0; index < Words.Length; index++)
        {
            target.Words[index / SplitBlock.Words / factor * SplitBlock.Words + index % SplitBlock.Words] |= Words[index];
        }
    }

    private static FilterShape ShapeOf(int blockCount, BloomHasher? hasher)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(blockCount, 1);
        return FilterShape.Of(FilterKind.Blocked, (long)blockCount * FilterShape.BlockBits, FilterShape.BlockHashCount, hasher);
    }
}
