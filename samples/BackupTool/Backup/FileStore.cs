using System.Buffers;
using BackupTool.Chunks;
using BackupTool.Files;
using BackupTool.Packs;
using BackupTool.Trees;

namespace BackupTool.Backup;

/// <summary>Reads files, cuts them into chunks, and hands these to the repository. Reading goes on while chunks are worked on, as far as memory is set aside for that.</summary>
internal sealed class FileStore(Chunker chunker, PackSink sink, Counters counters, Action<string, string> report) : IDisposable
{
    private const int ReadLength = 2 * Chunker.MaxLength;

    /// <summary>So many chunks wait or are worked on at a time.</summary>
    private const int PlacesMax = 16;

    private readonly SemaphoreSlim _places = new(PlacesMax);

    private readonly byte[] _read = new byte[ReadLength];

    /// <summary>Reads a file to its end.</summary>
    /// <param name="path">Where it is.</param>
    /// <param name="entry">What is known of it.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>What becomes of it when all its chunks are taken: null where it could not be read, which has been reported.</returns>
    public async Task<Task<TreeEntry?>> StoreAsync(string path, TreeEntry entry, CancellationToken cancellationToken)
    {
        var chunks = new List<Task<ChunkId>>(1);
        try
        {
            using var file = SourceFile.Open(path);
            var (length, filled, isAtEnd) = (0L, 0, false);
            while (!isAtEnd || filled > 0)
            {
                while (!isAtEnd && filled < Chunker.MaxLength)
                {
                    var count = file.Read(_read.AsSpan(filled));
                    filled += count;
                    isAtEnd = count == 0;
                    if (isAtEnd)
                    {
                        break;
                    }
                }

                for (var start = 0; ;)
                {
                    var rest = _read.AsMemory(start, filled - start);
                    if (rest.Length == 0 || (!isAtEnd && rest.Length < Chunker.MaxLength))
                    {
                        rest.CopyTo(_read);
                        filled = rest.Length;
                        break;
                    }

                    var cut = chunker.Cut(rest.Span);
                    chunks.Add(await BeginAsync(rest[..cut], cancellationToken));
                    length += cut;
                    start += cut;
                }
            }

            if (file.ChangeSince(entry) is { } change)
            {
                report(path, change);
            }

            counters.AddFiles(1);
            return EndAsync(entry with { Length = length }, chunks);
        }
        catch (IOException exception)
        {
            report(path, exception.Message);
            return EndAsync(null, chunks);
        }
    }

    /// <summary>Waits until no chunk is worked on any more, whatever came of them.</summary>
    public async Task SettleAsync()
    {
        for (var place = 0; place < PlacesMax; place++)
        {
            await _places.WaitAsync();
        }

        _places.Release(PlacesMax);
    }

    public void Dispose() => _places.Dispose();

    private static async Task<TreeEntry?> EndAsync(TreeEntry? entry, List<Task<ChunkId>> chunks)
    {
        var ids = await Task.WhenAll(chunks);
        return entry is null ? null : entry with { Chunks = ids };
    }

    private async Task<Task<ChunkId>> BeginAsync(ReadOnlyMemory<byte> chunk, CancellationToken cancellationToken)
    {
        sink.ThrowIfFailed();
        await _places.WaitAsync(cancellationToken);
        var copy = ArrayPool<byte>.Shared.Rent(chunk.Length);
        chunk.CopyTo(copy);
        var length = chunk.Length;
        return Task.Run(
            async () =>
            {
                try
                {
                    var id = await sink.AddAsync(copy.AsMemory(0, length), isFolder: false, cancellationToken);
                    counters.AddBytes(length);
                    return id;
                }
                finally
                {
                    ArrayPool<byte>.Shared.Return(copy);
                    _places.Release();
                }
            },
            CancellationToken.None);
    }
}
