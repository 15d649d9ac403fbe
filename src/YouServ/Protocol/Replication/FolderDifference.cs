using P2P.YouServ.Wire;

namespace P2P.YouServ.Protocol;

/// <summary>Says what has to happen in a folder of a copy so that it becomes what the owner's folder is.</summary>
internal sealed class FolderDifference
{
    /// <summary>Files whose content is to be had.</summary>
    public List<TreeEntry> Wanted { get; } = [];

    /// <summary>Files that are right but for the moment of their last change.</summary>
    public List<TreeEntry> Touched { get; } = [];

    /// <summary>Folders in which something differs; those that are missing among them.</summary>
    public List<TreeEntry> Entered { get; } = [];

    /// <summary>Names that have to go: nothing of the name is to be there, or something of another kind.</summary>
    public List<TreeEntry> Surplus { get; } = [];

    /// <summary>Compares two folders, each by <see cref="TreeEntry.Order"/>.</summary>
    /// <param name="wanted">What the owner's folder holds.</param>
    /// <param name="present">What the copy's folder holds.</param>
    public static FolderDifference Between(IReadOnlyList<TreeEntry> wanted, IReadOnlyList<TreeEntry> present)
    {
        var difference = new FolderDifference();
        var (w, p) = (0, 0);
        while (w < wanted.Count || p < present.Count)
        {
            var order = w == wanted.Count ? 1 : p == present.Count ? -1 : TreeEntry.Order(wanted[w], present[p]);
            if (order > 0)
            {
                difference.Surplus.Add(present[p++]);
            }
            else if (order < 0)
            {
                difference.Add(wanted[w++]);
            }
            else
            {
                difference.Compare(wanted[w++], present[p++]);
            }
        }

        return difference;
    }

    private void Compare(TreeEntry wanted, TreeEntry present)
    {
        if (wanted.IsFolder != present.IsFolder)
        {
            Surplus.Add(present);
            Add(wanted);
        }
        else if (wanted.Digest != present.Digest || wanted.Length != present.Length)
        {
            Add(wanted);
        }
        else if (wanted.Modified != present.Modified)
        {
            Touched.Add(wanted);
        }
    }

    private void Add(TreeEntry wanted) => (wanted.IsFolder ? Entered : Wanted).Add(wanted);
}
