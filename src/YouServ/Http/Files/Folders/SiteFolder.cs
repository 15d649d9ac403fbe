using Microsoft.Win32.SafeHandles;

namespace P2P.YouServ.Http.Files;

/// <summary>
/// The folder whose content a site serves. Whatever a path says, and whatever others do to the folder meanwhile, no byte outside of it is read or written:
/// links are followed as long as they stay inside. One folder serves any number of callers at the same time.
/// </summary>
internal abstract class SiteFolder : IDisposable
{
    /// <summary>Opens a folder in the way that this system offers.</summary>
    /// <exception cref="DirectoryNotFoundException">There is no such folder.</exception>
    public static SiteFolder Open(string root) =>
        OperatingSystem.IsLinux() && Environment.Is64BitProcess ? LinuxSiteFolder.Open(root) : new CheckedSiteFolder(root);

    /// <summary>Tells what is there now.</summary>
    public abstract SiteEntry Find(SitePath path);

    /// <summary>Tells whether a path still leads to the same state of the same file.</summary>
    /// <param name="native">What <see cref="NativeOf"/> made of the path.</param>
    /// <param name="stamp">The state.</param>
    public abstract bool IsUnchanged(byte[] native, in FileStamp stamp);

    /// <summary>
    /// Tells the same for half of the price, without a look at the way: a folder that was moved out of the site, with a link left in its place, goes unnoticed. For what
    /// <see cref="IsUnchanged"/> has confirmed a moment ago.
    /// </summary>
    public virtual bool LooksUnchanged(byte[] native, in FileStamp stamp) => IsUnchanged(native, stamp);

    /// <summary>Gives a path the form that <see cref="IsUnchanged"/> and <see cref="LooksUnchanged"/> take.</summary>
    public abstract byte[] NativeOf(SitePath path);

    /// <summary>Opens a regular file for reading; null if there is none, or none that may be read: then the entry says why.</summary>
    public abstract SafeFileHandle? OpenFile(SitePath path, out SiteEntry entry);

    /// <summary>Takes the stamp of an open file.</summary>
    public abstract FileStamp StampOf(SafeFileHandle file);

    /// <summary>Lists what is in a folder, in no order; empty if it can't be read. Names that no <see cref="SitePath"/> may have are left out.</summary>
    public abstract IEnumerable<NamedEntry> List(SitePath folder);

    /// <summary>Lists what is in a folder, or nothing: for those who take what is not there for deleted.</summary>
    /// <returns>All of it; null if the system does not show all.</returns>
    public abstract List<NamedEntry>? ListWhole(SitePath folder);

    /// <summary>Creates a folder; those above it have to be there.</summary>
    public abstract ChangeOutcome CreateFolder(SitePath folder);

    /// <summary>Opens a file of the site's own for reading and writing, and creates it where it is missing; null if the system refuses.</summary>
    public abstract SafeFileHandle? OpenOwn(SitePath path);

    /// <summary>Renames a file or a folder in one step; the name lasts once this returns.</summary>
    /// <param name="from">What to rename; a link is renamed itself.</param>
    /// <param name="to">The new name.</param>
    /// <param name="overwrites">Whether a file there gives way; a folder never does.</param>
    public abstract ChangeOutcome Move(SitePath from, SitePath to, bool overwrites);

    /// <summary>Deletes a file, a link (and not what it leads to), or a folder with all that is in it.</summary>
    public abstract ChangeOutcome Delete(SitePath path);

    /// <summary>How many bytes others than the system's administrator may still write to the disk.</summary>
    public abstract long FreeBytes();

    /// <inheritdoc/>
    public abstract void Dispose();
}
