using BackupTool.Files;
using BackupTool.Trees;

namespace BackupTool.Restore;

/// <summary>Is a file that is being restored: it is finished when its last chunk has been written.</summary>
internal sealed class FileJob(RestoredFolder folder, TreeEntry entry)
{
    private RestoredFile? _file;
    private int _left = entry.Chunks.Count;
    private int _isGivenUp;

    public RestoredFolder Folder => folder;

    public TreeEntry Entry => entry;

    /// <summary>Whether it is there as it was.</summary>
    public bool IsDone { get; private set; }

    /// <summary>Makes the file, where it consists of several chunks.</summary>
    /// <returns>False where that can't be, or there is one that is to stay.</returns>
    public bool TryBegin() => entry.Chunks.Count <= 1 || (_file = folder.MakeFile(entry)) is not null;

    /// <summary>Writes a chunk; from several threads.</summary>
    public void Write(long offset, ReadOnlySpan<byte> chunk)
    {
        if (_isGivenUp != 0)
        {
            return;
        }

        if (offset + chunk.Length > entry.Length)
        {
            GiveUp("its chunks are longer than it was");
        }
        else if (entry.Chunks.Count == 1)
        {
            IsDone = folder.WriteFile(entry, chunk);
        }
        else if (_file!.Write(offset, chunk) && Interlocked.Decrement(ref _left) == 0)
        {
            IsDone = _file.Finish();
        }
    }

    /// <summary>Leaves no half file behind.</summary>
    public void GiveUp(string problem)
    {
        if (Interlocked.Exchange(ref _isGivenUp, 1) != 0)
        {
            return;
        }

        (_file ?? folder.MakeFile(entry))?.Abandon(problem);
    }
}
