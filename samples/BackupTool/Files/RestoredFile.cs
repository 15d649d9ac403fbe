using BackupTool.Trees;
using Microsoft.Win32.SafeHandles;

namespace BackupTool.Files;

/// <summary>Is a file that is being restored, at once or piece by piece from several threads; it is closed between pieces when too many are open.</summary>
/// <remarks>Until it is whole it lies in its folder under another name, so that nobody takes it for what was backed up, and what it replaces stays.</remarks>
internal sealed class RestoredFile
{
    /// <summary>What a disk keeps in one piece: less than that of zeros saves no room.</summary>
    private const int HoleMin = 4096;

    private readonly RestoreTarget _target;
    private readonly RestoredFolder _folder;
    private string? _unfinishedName;
    private int _isAbandoned;

    internal RestoredFile(RestoreTarget target, RestoredFolder folder, TreeEntry entry)
    {
        _target = target;
        _folder = folder;
        Entry = entry;
    }

    /// <summary>What the backup says of it.</summary>
    public TreeEntry Entry { get; }

    /// <summary>The folder that it lies in.</summary>
    public RestoredFolder Folder => _folder;

    /// <summary>Its path below the target, with slashes.</summary>
    public string Path => _folder.PathOf(Entry.Name);

    /// <summary>Writes a file that consists of one piece, and finishes it.</summary>
    /// <returns>False when the file was given up, which is reported once.</returns>
    public bool WriteAll(ReadOnlySpan<byte> content)
    {
        if (_isAbandoned != 0)
        {
            return false;
        }

        try
        {
            using (var handle = Create())
            {
                _target.Disk.Write(handle, 0, content);
                FinishRights(handle);
            }

            TakePlace();
            return true;
        }
        catch (IOException exception)
        {
            Abandon(exception.Message);
            return false;
        }
    }

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

    /// <summary>Gives the file its owner, rights, times and name when all pieces are written. Rights and times that it can't have are reported.</summary>
    /// <returns>False when the file was given up.</returns>
    public bool Finish()
    {
        if (_isAbandoned != 0)
        {
            return false;
        }

        try
        {
            using (var lease = Open())
            {
                FinishRights(lease.Handle);
            }

            _target.Files.Close(this);
            TakePlace();
            return true;
        }
        catch (IOException exception)
        {
            Abandon(exception.Message);
            return false;
        }
    }

    /// <summary>Gives the file up, as a part of it is not to be had, and removes what there is of it. Reports that, once.</summary>
    public void Abandon(string problem)
    {
        if (Interlocked.Exchange(ref _isAbandoned, 1) == 0)
        {
            _target.Report(Path, problem);
            _target.Try(Path, Remove);
        }
    }

    /// <summary>Removes what there is of it, as the restore is broken off.</summary>
    internal void BreakOff()
    {
        if (Interlocked.Exchange(ref _isAbandoned, 1) == 0)
        {
            _target.Try(Path, Remove);
        }
    }

    private void Remove()
    {
        // Whoever opens it after it was closed sees that it is given up, so that nothing is made any more.
        _target.Files.Close(this);
        if (_unfinishedName is { } name)
        {
            _target.Disk.Remove(_folder, name);
            _target.Unfinished.TryRemove(this, out _);
        }
    }

    private OpenHandles.Lease Open() => _target.Files.Take(this, () =>
        _isAbandoned != 0 ? throw new IOException("it was given up")
        : _unfinishedName is { } name ? _target.Disk.OpenFile(_folder, name)
        : CreateStretched());

    private SafeFileHandle CreateStretched()
    {
        var handle = Create();
        try
        {
            _target.Disk.SetLength(handle, Entry.Length);
            return handle;
        }
        catch
        {
            handle.Dispose();
            throw;
        }
    }

    private SafeFileHandle Create()
    {
        var name = _target.NewUnfinishedName();
        var handle = _target.Disk.CreateFile(_folder, name);
        _unfinishedName = name;
        _target.Unfinished.TryAdd(this, true);
        return handle;
    }

    private void FinishRights(SafeFileHandle handle) => _target.Try(Path, () => _target.Disk.Finish(handle, Entry));

    private void TakePlace()
    {
        _target.Disk.Rename(_folder, _unfinishedName!, Entry.Name);
        _target.Unfinished.TryRemove(this, out _);
    }
}
