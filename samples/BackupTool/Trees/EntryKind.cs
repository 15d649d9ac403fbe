namespace BackupTool.Trees;

/// <summary>Says what an entry of a folder is.</summary>
internal enum EntryKind
{
    File,
    Folder,
    Symlink,
}
