using BackupTool.Trees;
using Microsoft.Win32.SafeHandles;

namespace BackupTool.Files;

/// <summary>Makes files, folders and links below a target folder by the calls of one system. Nothing that it does follows a link, but the target itself may be one.</summary>
/// <remarks>All throw <see cref="IOException"/> with a sentence for the user. All may be called from several threads.</remarks>
internal interface IRestoreDisk : IDisposable
{
    /// <summary>Tells whether there is something of that name, whatever it is.</summary>
    bool Exists(RestoredFolder folder, string name);

    /// <summary>Makes a folder into which this user may write. One that is there stays, with what is in it; a file or a link in its way is removed if that is allowed.</summary>
    /// <returns>Whether it is new.</returns>
    bool MakeFolder(RestoredFolder folder, bool mayReplace);

    /// <summary>Makes an empty file that only this user may use, in place of a file or link that is there.</summary>
    SafeFileHandle CreateFile(RestoredFolder folder, string name);

    /// <summary>Opens a file that was made before.</summary>
    SafeFileHandle OpenFile(RestoredFolder folder, string name);

    /// <summary>Makes a symbolic link, with its owner and times, in place of a file or link that is there.</summary>
    void MakeSymlink(RestoredFolder folder, TreeEntry entry);

    /// <summary>Gives a file that was made before a second name, in place of a file or link that is there.</summary>
    void MakeHardLink(RestoredFolder folder, string name, RestoredFolder firstFolder, string firstName);

    /// <summary>Gives a file that was made before another name, in place of a file, a link or an empty folder that is there.</summary>
    void Rename(RestoredFolder folder, string name, string newName);

    /// <summary>Removes a file or link, if it is there.</summary>
    void Remove(RestoredFolder folder, string name);

    void SetLength(SafeFileHandle file, long length);

    void Write(SafeFileHandle file, long offset, ReadOnlySpan<byte> bytes);

    /// <summary>Gives a file its owner (where this user may), rights and times.</summary>
    void Finish(SafeFileHandle file, TreeEntry entry);

    /// <summary>Gives a folder its owner (where this user may), rights and times, after which it may be closed to this user.</summary>
    void Finish(RestoredFolder folder, TreeEntry entry);
}
