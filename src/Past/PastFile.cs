namespace P2P.Past;

/// <summary>
/// Is a file that was found. Small content is here already; large content is fetched as it is read, from any of the holders, and goes on
/// with the next where one fails. Every byte is verified before it is given out.
/// </summary>
public sealed class PastFile
{
    private readonly Func<long, Stream> _open;

    internal PastFile(FileCertificate certificate, ReadOnlyMemory<byte> content)
        : this(certificate, offset => new MemoryStream(content[(int)offset..].ToArray(), writable: false))
    {
    }

    internal PastFile(FileCertificate certificate, ContentFetcher fetcher)
        : this(certificate, offset => new FetchedStream(fetcher, certificate.ContentLength, offset))
    {
    }

    private PastFile(FileCertificate certificate, Func<long, Stream> open)
    {
        Certificate = certificate;
        _open = open;
    }

    /// <summary>The file's certificate. Whoever gave the file has verified its signature.</summary>
    public FileCertificate Certificate { get; }

    /// <summary>The content's length in bytes.</summary>
    public long Length => Certificate.ContentLength;

    /// <summary>Makes a file of content that is in memory, for a store of one's own: a cache, a fake.</summary>
    /// <param name="certificate">The file's certificate; whether its owner signed it is for the caller to know or to verify.</param>
    /// <param name="content">The content, which must not change; it is not copied.</param>
    /// <exception cref="ContentVerificationException">The content is not the certificate's.</exception>
    public static PastFile FromBytes(FileCertificate certificate, ReadOnlyMemory<byte> content)
    {
        ArgumentNullException.ThrowIfNull(certificate);
        _ = ReplicaScrub.Check(certificate, content.Span);
        return new PastFile(certificate, content);
    }

    /// <summary>Makes a file of verified content, for a store of one's own, such as one that keeps what it has found in an <see cref="IReplicaStore"/>.</summary>
    /// <param name="content">
    /// The content, which stays the caller's: it is disposed of when nobody reads the file any more. Whether the owner signed its certificate is for the
    /// caller to know or to verify.
    /// </param>
    public static PastFile FromContent(IVerifiedContent content)
    {
        ArgumentNullException.ThrowIfNull(content);
        return new PastFile(content.Certificate, offset => new VerifiedContentStream(content, offset));
    }

    /// <summary>Opens the content for reading in order.</summary>
    /// <param name="offset">The place of the first byte, from 0 to <see cref="Length"/>.</param>
    /// <returns>A stream from there to the end. Reading throws <see cref="PastException"/> when no holder gives the content.</returns>
    public Stream OpenRead(long offset = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(offset, Length);
        return _open(offset);
    }

    /// <summary>Writes the whole content to a stream.</summary>
    /// <exception cref="PastException">No holder gives the content; what was written until then is verified.</exception>
    public async ValueTask CopyToAsync(Stream destination, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(destination);
        var source = OpenRead();
        await using (source.ConfigureAwait(false))
        {
            await source.CopyToAsync(destination, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Reads the whole content into memory.</summary>
    /// <exception cref="PastException">No holder gives the content, or it is longer than an array can be.</exception>
    public async ValueTask<byte[]> ReadAllBytesAsync(CancellationToken cancellationToken = default)
    {
        if (Length > Array.MaxLength)
        {
            throw new PastException($"The file has {Length} bytes, more than an array holds; use {nameof(OpenRead)} or {nameof(CopyToAsync)}.");
        }

        var bytes = new byte[Length];
        var source = OpenRead();
        await using (source.ConfigureAwait(false))
        {
            await source.ReadExactlyAsync(bytes, cancellationToken).ConfigureAwait(false);
        }

        return bytes;
    }
}
