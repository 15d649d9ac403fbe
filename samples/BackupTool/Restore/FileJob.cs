using BackupTool.Files;

namespace BackupTool.Restore;

/// <summary>Is a file that is being restored: it is finished when its last chunk has been written.</summary>
internal sealed class FileJob(RestoredFile file)
{
    private int _left = file.Entry.Chunks.Count;

    public RestoredFile File => file;

    /// <summary>Whether it is there as it was.</summary>
    public bool IsDone { get; private set; }

    /// <summary>Makes a file that has no chunks.</summary>
    public bool WriteEmpty() => IsDone = file.WriteAll([]);

    /// <summary>Writes a chunk; from several threads.</summary>
    /// <returns>Whether the file is finished by that.</returns>
    public bool Write(long offset, ReadOnlySpan<byte> chunk)
    {
        if (file.Entry.Chunks.Count == 1)
        {
            return IsDone = file.WriteAll(chunk);
        }

        return file.Write(offset, chunk) && Interlocked.Decrement(ref _left) == 0 && (IsDone = file.Finish());
    }
}
