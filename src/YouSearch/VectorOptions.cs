using P2P.YouSearch.Protocol;

namespace P2P.YouSearch;

/// <summary>Sets a process up that holds one vector of all summaries for a registrar.</summary>
public sealed class VectorOptions
{
    internal const int SecretLengthMin = 16;

    /// <summary>Which vector, counted from 0: the place that the process has in <see cref="RegistrarOptions.VectorHolders"/>. To be set.</summary>
    public int Vector { get; set; } = -1;

    /// <summary>What proves that the registrar asks: its <see cref="RegistrarOptions.VectorSecret"/>, at least 16 characters. To be set. Others must not read it on the wire: use HTTPS, or a network of one's own.</summary>
    public string Secret { get; set; } = "";

    /// <summary>How many bytes the vectors may take, those of what is public and those for members each; default 1 GiB. A site takes the length of its vectors.</summary>
    public long MemoryMax { get; set; } = 1L << 30;

    internal void Validate()
    {
        if (Vector is < 0 or >= SummaryFilter.Vectors)
        {
            throw new YouSearchException($"{nameof(VectorOptions)}.{nameof(Vector)} must be between 0 and {SummaryFilter.Vectors - 1}; it is {Vector}.");
        }

        if (Secret.Length < SecretLengthMin)
        {
            throw new YouSearchException($"{nameof(VectorOptions)}.{nameof(Secret)} must have at least {SecretLengthMin} characters.");
        }

        if (MemoryMax < 0)
        {
            throw new YouSearchException($"{nameof(VectorOptions)}.{nameof(MemoryMax)} must not be negative; it is {MemoryMax}.");
        }
    }
}
