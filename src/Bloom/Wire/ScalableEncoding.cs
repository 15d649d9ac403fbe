using System.Buffers.Binary;

namespace P2P.Bloom.Wire;

/// <summary>Encodes a scalable filter: the rate, the number of filters, and each with its count, its length and its own encoding.</summary>
internal sealed class ScalableEncoding : IEncoding
{
    public const int StartLength = 9;
    public const int SliceStartLength = 12;

    private readonly ScalableSeries _series;
    private readonly FilterShape _shape;
    private readonly ScalableBloomFilter.Slice[] _slices;
    private readonly IEncoding[] _encodings;

    public ScalableEncoding(ScalableSeries series, BloomHasher hasher, ScalableBloomFilter.Slice[] slices)
    {
        _series = series;
        _slices = slices;
        _shape = FilterShape.Of(FilterKind.Scalable, series.InitialCapacity, hashCount: 1, hasher);
        _encodings = Encode(slices, areAlone: true);
        var length = LengthOf(_encodings);
        if (length < Allowance.LengthMinFor(slices.Sum(slice => slice.Filter.MemoryBytes)))
        {
            // Each may be short by itself, but readers grant it once for all.
            _encodings = Encode(slices, areAlone: false);
            length = LengthOf(_encodings);
        }

        Length = length <= Array.MaxLength
            ? (int)length
            : throw new InvalidOperationException($"The filter takes {length} bytes, more than one encoding can have.");
    }

    public int Length { get; }

    public void Write(Span<byte> destination)
    {
        Header.Write(_shape, BodyCoding.Raw, isDelta: false, destination);
        var rest = destination[Header.Length..];
        BinaryPrimitives.WriteDoubleLittleEndian(rest, _series.FalsePositiveRate);
        rest[8] = (byte)_slices.Length;
        rest = rest[StartLength..];
        for (var index = 0; index < _slices.Length; index++)
        {
            var encoding = _encodings[index];
            BinaryPrimitives.WriteInt64LittleEndian(rest, _slices[index].Count);
            BinaryPrimitives.WriteInt32LittleEndian(rest[8..], encoding.Length);
            encoding.Write(rest.Slice(SliceStartLength, encoding.Length));
            rest = rest[(SliceStartLength + encoding.Length)..];
        }

        Header.WriteChecksum(destination);
    }

    private static IEncoding[] Encode(ScalableBloomFilter.Slice[] slices, bool areAlone) =>
        [.. slices.Select(slice => new FilterEncoding(slice.Filter.Shape, slice.Filter.Words, areAlone))];

    private static long LengthOf(IEncoding[] encodings) =>
        Header.LengthMin + StartLength + encodings.Sum(encoding => (long)SliceStartLength + encoding.Length);
}
