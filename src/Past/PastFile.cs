namespace P2P.Past;

/// <summary>
/// Is a file that was found. Small content is here already; large content is fetched as it is read, from any of the holders, and goes on
/// with the next where one fails. Every byte is verified before it is given out.
/// </summary>
public sealed class PastFile
{
    private readonly ReadOnlyMemory<byte>? _content;
    private readonly ContentFetcher? _fetcher;

    internal PastFile(FileCertificate certificate, ReadOnlyMemory<byte> content)
    {
        Certificate = certificate;
        _content = content;
    }

    internal PastFile(FileCertificate certificate, ContentFetcher fetcher)
    {
        Certificate = certificate;
        _fetcher = fetcher;
    }

    /// <summary>The file's certificate, whose signature has been verified.</summary>
    public FileCertificate Certificate { get; }

    /// <summary>The content's length in bytes.</summary>
    public long Length => Certificate.ContentLength;

    /// <summary>Opens the content for reading in order.</summary>
    /// <param name="offset">The place of the first byte, from 0 to <see cref="Length"/>.</param>
    /// <returns>A stream from there to the end. Reading throws <see cref="PastException"/> when no holder gives the content.</returns>
    public Stream OpenRead(long offset = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(offset, Length);
        return _content is { } content
            ? new MemoryStream(content[(int)offset..].ToArray(), writable: false)
            : new FetchedStream(_fetcher!, Length, offset);
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
