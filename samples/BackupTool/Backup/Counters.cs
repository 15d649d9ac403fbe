namespace BackupTool.Backup;

/// <summary>Counts what has been done by now, and what there is to do as far as that is known; read and written from several threads.</summary>
internal sealed class Counters
{
    private readonly long _started = System.Diagnostics.Stopwatch.GetTimestamp();
    private long _files;
    private long _bytes;
    private long _filesTotal;
    private long _bytesTotal;
    private long _sent;
    private volatile bool _isTotalKnown;

    /// <summary>Since when it counts.</summary>
    public TimeSpan Elapsed => System.Diagnostics.Stopwatch.GetElapsedTime(_started);

    public long Files => Interlocked.Read(ref _files);

    public long Bytes => Interlocked.Read(ref _bytes);

    public long FilesTotal => Interlocked.Read(ref _filesTotal);

    public long BytesTotal => Interlocked.Read(ref _bytesTotal);

    /// <summary>How many bytes of packs the ring holds by now that it did not before.</summary>
    public long Sent => Interlocked.Read(ref _sent);

    /// <summary>Whether the totals grow no more.</summary>
    public bool IsTotalKnown => _isTotalKnown;

    public void AddFiles(long count) => Interlocked.Add(ref _files, count);

    public void AddBytes(long count) => Interlocked.Add(ref _bytes, count);

    public void AddSent(long count) => Interlocked.Add(ref _sent, count);

    public void AddTotal(long files, long bytes)
    {
        Interlocked.Add(ref _filesTotal, files);
        Interlocked.Add(ref _bytesTotal, bytes);
    }

    public void EndTotal() => _isTotalKnown = true;
}
