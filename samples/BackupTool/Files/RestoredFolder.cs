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

        var isNew = false;
        if (!_target.Try(folder.Path, () => isNew = _target.Disk.MakeFolder(folder, mayReplace: !_target.KeepsExisting)))
        {
            return null;
        }

        if (!isNew)
        {
            _target.Clean(folder);
        }

        _target.FinishLater(folder, entry);
        return folder;
    }

    /// <summary>Begins a file, of which nothing is on the disk before something of it is written.</summary>
    public RestoredFile? MakeFile(TreeEntry entry) => IsSafe(entry) && !IsKept(entry.Name) ? new RestoredFile(_target, this, entry) : null;

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
