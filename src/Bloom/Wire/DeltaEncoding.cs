using System.Buffers.Binary;

namespace P2P.Bloom.Wire;

/// <summary>Encodes a delta: the fingerprints of both versions, and by their gaps the bits to set and the bits to clear.</summary>
internal sealed class DeltaEncoding : IEncoding
{
    public const int StartLength = 16;

    private readonly BloomDelta _delta;
    private readonly GapList _set;
    private readonly GapList _cleared;

    public DeltaEncoding(BloomDelta delta)
    {
        _delta = delta;
        _set = GapList.Measure(delta.Set);
        _cleared = GapList.Measure(delta.Cleared);
        var length = Header.LengthMin + StartLength + _set.Length + _cleared.Length;
        Length = length <= Array.MaxLength
            ? (int)length
            : throw new InvalidOperationException($"The delta takes {length} bytes, more than one encoding can have.");
    }

    public int Length { get; }

    public void Write(Span<byte> destination)
    {
        Header.Write(_delta.Shape, BodyCoding.Gaps, isDelta: true, destination);
        var body = destination[Header.Length..^Header.ChecksumLength];
        BinaryPrimitives.WriteUInt64LittleEndian(body, _delta.BaseFingerprint);
        BinaryPrimitives.WriteUInt64LittleEndian(body[8..], _delta.ResultFingerprint);
        body = body[StartLength..];
        _cleared.Write(_delta.Cleared, body[_set.Write(_delta.Set, body)..]);
        Header.WriteChecksum(destination);
    }
}
