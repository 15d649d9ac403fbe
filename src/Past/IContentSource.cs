namespace P2P.Past;

/// <summary>
/// Gives the content of a file to be inserted, as often as it is asked: hashing, each replica, a new salt and a resumed transfer each read
/// it again.
/// </summary>
/// <remarks>
/// <see cref="ContentSource"/> makes one of a file, of bytes or of a stream. An implementation must bear concurrent calls.
/// </remarks>
public interface IContentSource
{
    /// <summary>The content's length in bytes, which must not change.</summary>
    long Length { get; }

    /// <summary>Opens the content at a place.</summary>
    /// <param name="offset">The place of the first byte, from 0 to <see cref="Length"/>.</param>
    /// <param name="cancellationToken">Gives up opening.</param>
    /// <returns>A stream of exactly the bytes from there to the end, which the caller disposes of.</returns>
    /// <exception cref="PastException">The content can't be opened, or has changed.</exception>
    ValueTask<Stream> OpenAsync(long offset, CancellationToken cancellationToken = default);
}
