namespace P2P.YouServ.Http.Files;

/// <summary>
/// Makes sure that a path is spelt as the disk spells it. Where "Private" and "private" are one folder (memory sticks, shares of other systems), a rule for one name would
/// not hold for the other.
/// </summary>
internal static class Spelling
{
    /// <summary>Tells whether every name on the way is the one that its folder lists. On disks that tell upper from lower case this costs a look for each name.</summary>
    public static bool IsExact(SiteFolder folder, SitePath path)
    {
        for (var part = path; !part.IsRoot; part = part.Parent)
        {
            if (IsFoundOtherwise(folder, part) && !folder.List(part.Parent).Any(entry => entry.Name == part.Name))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Tells whether the same thing is found with upper and lower case exchanged; a second link to a file is too, and then both names are listed.</summary>
    private static bool IsFoundOtherwise(SiteFolder folder, SitePath path)
    {
        var name = string.Create(path.Name.Length, path.Name, static (exchanged, name) =>
        {
            for (var i = 0; i < name.Length; i++)
            {
                exchanged[i] = char.IsUpper(name[i]) ? char.ToLowerInvariant(name[i]) : char.ToUpperInvariant(name[i]);
            }
        });
        return name != path.Name
            && SitePath.TryParse(path.Parent.IsRoot ? name : $"{path.Parent.Value}/{name}", out var other)
            && folder.Find(other) is { Kind: not EntryKind.Missing } found
            && folder.Find(path) is var entry
            && (found.Stamp.Device, found.Stamp.Node) == (entry.Stamp.Device, entry.Stamp.Node);
    }
}
