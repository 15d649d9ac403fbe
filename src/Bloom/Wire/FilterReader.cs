using System.Buffers.Binary;
using P2P.Bloom.Bits;

namespace P2P.Bloom.Wire;

/// <summary>Reads filters from bytes that may be hostile. Nothing is thrown: what is wrong is told, so that refusing costs little.</summary>
internal static class FilterReader
{
    public static string? TryRead(ReadOnlySpan<byte> bytes, BloomHasher? hasher, out MembershipFilter? filter)
    {
        var allowance = new Allowance(bytes.Length);
        return TryRead(bytes, hasher, ref allowance, out filter);
    }

    public static string? TryReadDelta(ReadOnlySpan<byte> bytes, out BloomDelta? delta)
    {
        delta = null;
        if (Header.TryRead(bytes, out var shape, out var coding, out var isDelta) is { } fault)
        {
            return fault;
        }

        var body = Header.BodyOf(bytes);
        if (!isDelta || coding != BodyCoding.Gaps || shape.Kind is FilterKind.Counting or FilterKind.Scalable || body.Length < DeltaEncoding.StartLength)
        {
            return "These bytes are no delta.";
        }

        var (set, cleared) = (Array.Empty<long>(), Array.Empty<long>());
        var lists = body[DeltaEncoding.StartLength..];
        if (!TryReadPositions(ref lists, shape, ref set) || !TryReadPositions(ref lists, shape, ref cleared) || !lists.IsEmpty)
        {
            return "The positions of the delta's bits are wrong.";
        }

        delta = new BloomDelta(
            shape, BinaryPrimitives.ReadUInt64LittleEndian(body), BinaryPrimitives.ReadUInt64LittleEndian(body[8..]), set, cleared);
        return null;
    }

    private static string? TryRead(ReadOnlySpan<byte> bytes, BloomHasher? hasher, ref Allowance allowance, out MembershipFilter? filter)
    {
        filter = null;
        if (Header.TryRead(bytes, out var shape, out var coding, out var isDelta) is { } fault)
        {
            return fault;
        }

        if (isDelta)
        {
            return "The bytes are a delta, not a filter.";
        }

        hasher ??= HasherOf(shape);
        if (hasher is null)
        {
            return $"The filter was made with {shape.Algorithm}, fingerprint {shape.Fingerprint:x16}: it is read only by who supplies that hasher.";
        }

        if (hasher.Algorithm != shape.Algorithm || hasher.Fingerprint != shape.Fingerprint)
        {
            return $"The filter was made with another hasher than {hasher.Algorithm}, fingerprint {hasher.Fingerprint:x16}: "
                + $"{shape.Algorithm}, fingerprint {shape.Fingerprint:x16}.";
        }

        if (shape.HashCount > hasher.HashCountMax && shape.Kind != FilterKind.Blocked)
        {
            return $"The filter has {shape.HashCount} hash functions, more than {shape.Algorithm} supplies.";
        }

        var body = Header.BodyOf(bytes);
        return shape.Kind == FilterKind.Scalable
            ? TryReadScalable(body, shape, coding, hasher, ref allowance, out filter)
            : TryReadWords(body, shape, coding, hasher, ref allowance, out filter);
    }

    /// <summary>Makes the hasher that needs nothing but the header; null if it is a keyed or custom one.</summary>
    private static BloomHasher? HasherOf(in FilterShape shape) => shape.Algorithm switch
    {
        BloomHashAlgorithm.Xxh64 => BloomHasher.Seeded(shape.Fingerprint),
        BloomHashAlgorithm.Md5 => BloomHasher.Md5,
        _ => null,
    };

    private static string? TryReadWords(
        ReadOnlySpan<byte> body, in FilterShape shape, BodyCoding coding, BloomHasher hasher, ref Allowance allowance, out MembershipFilter? filter)
    {
        filter = null;
        var length = shape.Words * sizeof(ulong);
        if ((coding == BodyCoding.Raw && body.Length != length) || !allowance.TryTake(length))
        {
            return $"A filter of {length} bytes does not come in {body.Length}.";
        }

        var words = new ulong[shape.Words];
        if (coding == BodyCoding.Raw)
        {
            BitWords.Read(body, words);
        }
        else if (!TryReadGaps(body, words))
        {
            return "The positions of the filter's bits are wrong.";
        }

        if (shape.HasBitsBeyond(words))
        {
            return "Bits are set beyond the end of the filter.";
        }

        filter = shape.Kind switch
        {
            FilterKind.Classic => new BloomFilter(shape, hasher, words),
            FilterKind.Partitioned => new PartitionedBloomFilter(shape, hasher, words),
            FilterKind.Vector => new BloomVector(shape, hasher, words),
            FilterKind.Blocked => new BlockedBloomFilter(shape, hasher, words),
            _ => new CountingBloomFilter(shape, hasher, words),
        };
        return null;
    }

    private static bool TryReadGaps(ReadOnlySpan<byte> body, ulong[] words)
    {
        if (!GapReader.TryStart(body, words.LongLength << 6, out var reader))
        {
            return false;
        }

        while (reader.TryReadNext(out var position))
        {
            words[position >> 6] |= 1UL << (int)position;
        }

        return reader.TryFinish(out var length) && !body[length..].ContainsAnyExcept((byte)0);
    }

    private static bool TryReadPositions(ref ReadOnlySpan<byte> lists, in FilterShape shape, ref long[] positions)
    {
        if (!GapReader.TryStart(lists, shape.Words << 6, out var reader) || reader.Count > Array.MaxLength)
        {
            return false;
        }

        // Each position takes a bit at least, so 64 times the input are the most that this allocates.
        positions = new long[reader.Count];
        for (var index = 0; index < positions.Length; index++)
        {
            if (!reader.TryReadNext(out positions[index]) || positions[index] % (shape.VectorWords << 6) >= shape.Bits)
            {
                return false;
            }
        }

        var finished = reader.TryFinish(out var length);
        lists = lists[length..];
        return finished;
    }

    private static string? TryReadScalable(
        ReadOnlySpan<byte> body, in FilterShape shape, BodyCoding coding, BloomHasher hasher, ref Allowance allowance, out MembershipFilter? filter)
    {
        const string Fault = "The series of filters is wrong.";
        filter = null;
        if (coding != BodyCoding.Raw || body.Length < ScalableEncoding.StartLength || shape.HashCount != 1
            || shape.Bits > ScalableSeries.InitialCapacityMax)
        {
            return Fault;
        }

        var rate = BinaryPrimitives.ReadDoubleLittleEndian(body);
        int count = body[8];
        if (!(rate is > 0 and < 1) || count is 0 or > ScalableSeries.SlicesMax)
        {
            return Fault;
        }

        var series = new ScalableSeries(shape.Bits, rate, hasher.HashCountMax);
        var slices = new ScalableBloomFilter.Slice[count];
        var rest = body[ScalableEncoding.StartLength..];
        for (var index = 0; index < count; index++)
        {
            if (rest.Length < ScalableEncoding.SliceStartLength)
            {
                return Fault;
            }

            var added = BinaryPrimitives.ReadInt64LittleEndian(rest);
            var length = BinaryPrimitives.ReadInt32LittleEndian(rest[8..]);
            rest = rest[ScalableEncoding.SliceStartLength..];
            if (added < 0 || length < 0 || length > rest.Length)
            {
                return Fault;
            }

            if (TryReadSlice(rest[..length], hasher, ref allowance, out var slice) is { } fault)
            {
                return fault;
            }

            if (!series.Fits(index, slice!.Shape))
            {
                return Fault;
            }

            slices[index] = new ScalableBloomFilter.Slice(slice, added);
            rest = rest[length..];
        }

        filter = new ScalableBloomFilter(series, hasher, slices);
        return rest.IsEmpty ? null : Fault;
    }

    private static string? TryReadSlice(ReadOnlySpan<byte> bytes, BloomHasher hasher, ref Allowance allowance, out BloomFilter? filter)
    {
        filter = null;
        if (Header.TryRead(bytes, out var shape, out _, out _) is { } fault)
        {
            return fault;
        }

        // Asked first: filters may not hold series that hold series.
        if (shape.Kind != FilterKind.Classic)
        {
            return "A series consists of classic filters.";
        }

        fault = TryRead(bytes, hasher, ref allowance, out var read);
        filter = read as BloomFilter;
        return fault;
    }
}
