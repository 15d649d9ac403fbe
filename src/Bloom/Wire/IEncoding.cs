namespace P2P.Bloom.Wire;

/// <summary>Is something that is to be written, whose length is known and does not change any more.</summary>
internal interface IEncoding
{
    int Length { get; }

    /// <summary>Writes exactly <see cref="Length"/> bytes.</summary>
    void Write(Span<byte> destination);
}
