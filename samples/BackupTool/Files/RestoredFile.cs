using BackupTool.Trees;

namespace BackupTool.Files;

/// <summary>Is a file that is being restored piece by piece, from several threads; it is closed between pieces when too many are open.</summary>
internal sealed class RestoredFile
{
    /// <summary>What a disk keeps in one piece: less than that of zeros saves no room.</summary>
    private const int HoleMin = 4096;

    private readonly RestoreTarget _target;
    private readonly RestoredFolder _folder;
    private int _isAbandoned;

    internal RestoredFile(RestoreTarget target, RestoredFolder folder, TreeEntry entry)
    {
        _target = target;
        _folder = folder;
        Entry = entry;
    }

    /// <summary>What the backup says of it.</summary>
    public TreeEntry Entry { get; }

    /// <summary>Its path below the target, with slashes.</summary>
    public string Path => _folder.PathOf(Entry.Name);

    /// <summary>Writes a piece at its place. Pieces of zeros take no room on the disk.</summary>
    /// <returns>False when the file was given up, which is reported once; further pieces of it are not needed.</returns>
    public bool Write(long offset, ReadOnlySpan<byte> bytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(offset, Entry.Length - bytes.Length);
        if (_isAbandoned != 0)
        {
            return false;
        }

        if (bytes.Length >= HoleMin && bytes.IndexOfAnyExcept((byte)0) < 0)
        {
            return true;
        }

        try
        {
            using var lease = Open();
            _target.Disk.Write(lease.Handle, offset, bytes);
            return true;
        }
        catch (IOException exception)
        {
            Abandon(exception.Message);
            return false;
        }
    }

    /// <summary>Gives the file its owner, rights and times when all pieces are written; those that it can't have are reported.</summary>
    /// <returns>False when the file was given up.</returns>
    public bool Finish()
    {
        if (_isAbandoned != 0)
        {
            return false;
        }

        _target.Try(Path, () =>
        {
            using var lease = Open();
            _target.Disk.Finish(lease.Handle, Entry);
        });
        _target.Files.Close(this);
        return true;
    }

    /// <summary>Gives the file up and removes it, as a part of it is not to be had. Reports that, once.</summary>
    public void Abandon(string problem)
    {
        if (Interlocked.Exchange(ref _isAbandoned, 1) == 0)
        {
            _target.Report(Path, problem);
            _target.Files.Close(this);
            _folder.Remove(Entry.Name);
        }
    }

    internal bool Create()
    {
        if (!_target.Try(Path, () => _target.Files.Take(this, () => _target.Disk.CreateFile(_folder, Entry.Name)).Dispose()))
        {
            return false;
        }

        try
        {
            using var lease = Open();
            _target.Disk.SetLength(lease.Handle, Entry.Length);
            return true;
        }
        catch (IOException exception)
        {
            Abandon(exception.Message);
            return false;
        }
    }

    private OpenHandles.Lease Open() => _target.Files.Take(this, () => _target.Disk.OpenFile(_folder, Entry.Name));
}
