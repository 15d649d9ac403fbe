using BackupTool.Trees;

namespace BackupTool.Files;

/// <summary>Is a folder that is being restored: what lies in it is made through it.</summary>
/// <remarks>What a method is asked to make it makes, keeps as it was there already, or reports; the last two it answers by null or false.</remarks>
internal sealed class RestoredFolder
{
    /// <summary>No system's paths are that deep.</summary>
    private const int DepthMax = 2048;

    private readonly RestoreTarget _target;
    private readonly int _depth;

    internal RestoredFolder(RestoreTarget target)
    {
        _target = target;
        Name = "";
    }

    private RestoredFolder(RestoredFolder parent, string name)
    {
        _target = parent._target;
        _depth = parent._depth + 1;
        Parent = parent;
        Name = name;
    }

    /// <summary>The folder that it lies in; null for the target.</summary>
    public RestoredFolder? Parent { get; }

    public string Name { get; }

    /// <summary>Its path below the target, with slashes; empty for the target.</summary>
    public string Path => Parent?.PathOf(Name) ?? "";

    /// <summary>Makes a folder in it, or enters the one that is there. Its rights and times it gets at the end.</summary>
    public RestoredFolder? MakeFolder(TreeEntry entry)
    {
        if (!IsSafe(entry))
        {
            return null;
        }

        var folder = new RestoredFolder(this, entry.Name);
        if (folder._depth > DepthMax)
        {
            _target.Report(PathOf(entry.Name), "it lies too deep");
            return null;
        }

        if (!_target.Try(folder.Path, () => _target.Disk.MakeFolder(folder, mayReplace: !_target.KeepsExisting)))
        {
            return null;
        }

        _target.FinishLater(folder, entry);
        return folder;
    }

    /// <summary>Makes a file of the entry's length, to be written in pieces.</summary>
    public RestoredFile? MakeFile(TreeEntry entry)
    {
        if (!IsSafe(entry) || IsKept(entry.Name))
        {
            return null;
        }

        var file = new RestoredFile(_target, this, entry);
        return file.Create() ? file : null;
    }

    /// <summary>Makes a file that consists of one piece, at once and finished. Rights and times that it can't have are reported.</summary>
    /// <returns>Whether it is there with that content.</returns>
    public bool WriteFile(TreeEntry entry, ReadOnlySpan<byte> content)
    {
        if (!IsSafe(entry) || IsKept(entry.Name))
        {
            return false;
        }

        var path = PathOf(entry.Name);
        var isMade = false;
        try
        {
            using var handle = _target.Disk.CreateFile(this, entry.Name);
            isMade = true;
            _target.Disk.Write(handle, 0, content);
            _target.Try(path, () => _target.Disk.Finish(handle, entry));
            return true;
        }
        catch (IOException exception)
        {
            _target.Report(path, exception.Message);
            if (isMade)
            {
                Remove(entry.Name);
            }

            return false;
        }
    }

    /// <summary>Makes a symbolic link, finished.</summary>
    public bool MakeSymlink(TreeEntry entry)
    {
        if (!IsSafe(entry) || IsKept(entry.Name))
        {
            return false;
        }

        if (string.IsNullOrEmpty(entry.Target) || entry.Target.Contains('\0', StringComparison.Ordinal))
        {
            _target.Report(PathOf(entry.Name), "the backup does not say where the link leads");
            return false;
        }

        return _target.Try(PathOf(entry.Name), () => _target.Disk.MakeSymlink(this, entry));
    }

    /// <summary>Gives a file that has been made below the same target a second name in this folder.</summary>
    public bool MakeHardLink(TreeEntry entry, RestoredFolder firstFolder, string firstName) =>
        IsSafe(entry)
        && !IsKept(entry.Name)
        && _target.Try(PathOf(entry.Name), () => _target.Disk.MakeHardLink(this, entry.Name, firstFolder, firstName));

    internal string PathOf(string name) => Parent is null ? name : $"{Path}/{name}";

    /// <summary>Removes what is not whole, which nobody should take for what was backed up.</summary>
    internal void Remove(string name) => _target.Try(PathOf(name), () => _target.Disk.Remove(this, name));

    private bool IsSafe(TreeEntry entry)
    {
        if (EntryName.Fault(entry.Name) is not { } fault)
        {
            return true;
        }

        _target.Report(PathOf(entry.Name), fault);
        return false;
    }

    private bool IsKept(string name)
    {
        if (!_target.KeepsExisting)
        {
            return false;
        }

        var isThere = true;
        if (!_target.Try(PathOf(name), () => isThere = _target.Disk.Exists(this, name)))
        {
            return true;
        }

        if (isThere)
        {
            _target.CountKept();
        }

        return isThere;
    }
}
