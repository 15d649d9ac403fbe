using Microsoft.Win32.SafeHandles;

namespace P2P.Past;

/// <summary>Makes sources of content from files, bytes and streams.</summary>
public static class ContentSource
{
    /// <summary>Reads content from a file, whose length is taken now. A file that becomes longer or shorter fails the reading.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="PastException">The file is missing or can't be read.</exception>
    public static IContentSource FromFile(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        using var handle = OpenFile(path);
        return new FileSource(path, RandomAccess.GetLength(handle));
    }

    /// <summary>Reads content from memory, which must not change meanwhile.</summary>
    /// <param name="bytes">The content; it is not copied.</param>
    public static IContentSource FromBytes(ReadOnlyMemory<byte> bytes) => new BytesSource(bytes);

    /// <summary>
    /// Reads content from the whole of a stream that can seek. The stream stays the caller's: nobody else may use it, and the caller
    /// disposes of it afterwards.
    /// </summary>
    /// <param name="stream">The stream; its position does not matter.</param>
    /// <exception cref="ArgumentException">The stream can't be read or can't seek; save it to a file first.</exception>
    public static IContentSource FromStream(Stream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        return stream.CanRead && stream.CanSeek
            ? new StreamSource(stream, new SemaphoreSlim(1))
            : throw new ArgumentException(
                "The content is read more than once, so the stream must be readable and able to seek; save it to a file first.", nameof(stream));
    }

    private static SafeFileHandle OpenFile(string path)
    {
        try
        {
            return File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, FileOptions.Asynchronous);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new PastException($"The file '{path}' can't be read: {exception.Message}", exception);
        }
    }

    private static void CheckOffset(long offset, long length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(offset, length);
    }

    private sealed class FileSource(string path, long length) : IContentSource
    {
        public long Length => length;

        public ValueTask<Stream> OpenAsync(long offset, CancellationToken cancellationToken)
        {
            CheckOffset(offset, length);
            return new(new FileContentStream(path, OpenFile(path), offset, length));
        }
    }

    private sealed class BytesSource(ReadOnlyMemory<byte> bytes) : IContentSource
    {
        public long Length => bytes.Length;

        public ValueTask<Stream> OpenAsync(long offset, CancellationToken cancellationToken)
        {
            CheckOffset(offset, bytes.Length);
            return new(new BytesContentStream(bytes, offset));
        }
    }

    // The turn is shared by all that is opened, since the stream has one position.
    private sealed class StreamSource(Stream stream, SemaphoreSlim turn) : IContentSource
    {
        public long Length { get; } = stream.Length;

        public ValueTask<Stream> OpenAsync(long offset, CancellationToken cancellationToken)
        {
            CheckOffset(offset, Length);
            return new(new SharedContentStream(stream, turn, offset, Length));
        }
    }

    private sealed class FileContentStream(string path, SafeFileHandle handle, long offset, long length)
        : ContentStream($"file '{path}'", offset, length)
    {
        protected override long CurrentLength => RandomAccess.GetLength(handle);

        protected override ValueTask<int> ReadAtAsync(long position, Memory<byte> buffer, CancellationToken cancellationToken) =>
            RandomAccess.ReadAsync(handle, buffer, position, cancellationToken);

        protected override void Dispose(bool disposing)
        {
            handle.Dispose();
            base.Dispose(disposing);
        }
    }

    private sealed class BytesContentStream(ReadOnlyMemory<byte> bytes, long offset) : ContentStream("content", offset, bytes.Length)
    {
        protected override long CurrentLength => bytes.Length;

        protected override ValueTask<int> ReadAtAsync(long position, Memory<byte> buffer, CancellationToken cancellationToken)
        {
            bytes.Slice((int)position, buffer.Length).CopyTo(buffer);
            return new(buffer.Length);
        }
    }

    private sealed class SharedContentStream(Stream stream, SemaphoreSlim turn, long offset, long length) : ContentStream("stream", offset, length)
    {
        protected override long CurrentLength => stream.Length;

        protected override async ValueTask<int> ReadAtAsync(long position, Memory<byte> buffer, CancellationToken cancellationToken)
        {
            await turn.WaitAsync(cancellationToken).ConfigureAwait(false);
            try
            {
                stream.Position = position;
                return await stream.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
            }
            finally
            {
                turn.Release();
            }
        }
    }
}
