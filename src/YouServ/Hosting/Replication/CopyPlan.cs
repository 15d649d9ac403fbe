using P2P.YouServ.Http.Files;
using P2P.YouServ.Protocol;
using P2P.YouServ.Wire;

namespace P2P.YouServ.Hosting;

/// <summary>What has to happen in all folders of a copy.</summary>
internal sealed class CopyPlan
{
    private const int DepthMax = 128;
    private const int FoldersMax = 200_000;
    private const int FilesMax = 1_000_000;
    private const long NamesLengthMax = 128L << 20;

    private long _namesLength;

    /// <summary>Folders that differ, those above before those within.</summary>
    public List<(SitePath Path, FolderDifference Difference)> Folders { get; } = [];

    /// <summary>Files whose content is to be had.</summary>
    public List<(SitePath Path, TreeEntry Entry)> Wanted { get; } = [];

    /// <summary>Bytes by which the copy grows.</summary>
    public long Growth { get; private set; }

    /// <summary>Asks what differs.</summary>
    /// <returns>The plan; null if the owner's folders have changed meanwhile.</returns>
    /// <exception cref="InvalidDataException">There is more than a site may have.</exception>
    public static async Task<CopyPlan?> MakeAsync(SyncClient client, ContentDigest wanted, IndexedFolder present, SiteFilesOptions serving, CancellationToken cancellationToken)
    {
        var plan = new CopyPlan();
        var open = new Queue<(SitePath Path, IndexedFolder Present, ContentDigest Wanted, int Depth)>();
        open.Enqueue((SitePath.Root, present, wanted, 0));
        while (open.TryDequeue(out var folder))
        {
            if (folder.Present.Digest == folder.Wanted)
            {
                continue;
            }

            if (await client.GetFolderAsync(folder.Path, cancellationToken).ConfigureAwait(false) is not { } entries || TreeEntry.DigestOf(entries) != folder.Wanted)
            {
                return null;
            }

            plan.Check(folder.Path, entries, serving);
            var difference = FolderDifference.Between(entries, folder.Present.Entries);
            plan.Add(folder.Path, difference, folder.Present);
            if (plan.Folders.Count > FoldersMax || plan.Wanted.Count > FilesMax || folder.Depth >= DepthMax)
            {
                throw new InvalidDataException("The site has more, or deeper, folders than a copy may have.");
            }

            foreach (var entry in difference.Entered)
            {
                var inner = folder.Path.Append(entry.Name);
                open.Enqueue((inner, folder.Present.Find(SitePath.Parse(entry.Name)) ?? IndexedFolder.Empty, entry.Digest, folder.Depth + 1));
            }
        }

        return plan;
    }

    /// <summary>What is not served would never be seen in the copy, and names that the disk takes for one would have one rule.</summary>
    private void Check(SitePath path, List<TreeEntry> entries, SiteFilesOptions serving)
    {
        var names = CopyFolder.FoldsNames ? new HashSet<string>(StringComparer.OrdinalIgnoreCase) : null;
        foreach (var entry in entries)
        {
            var inner = path.Append(entry.Name);
            _namesLength += inner.Value.Length;
            if (!SitePath.TryParse(inner.Value, out _) || !serving.Serves(inner) || names?.Add(entry.Name.Normalize()) == false)
            {
                throw new InvalidDataException($"The site has '{inner}', which a copy cannot have here: the path is too long, not served, or means the same as another.");
            }
        }

        if (_namesLength > NamesLengthMax)
        {
            throw new InvalidDataException("The site has more names than a copy may have.");
        }
    }

    private void Add(SitePath path, FolderDifference difference, IndexedFolder present)
    {
        Folders.Add((path, difference));
        Wanted.AddRange(difference.Wanted.Select(entry => (path.Append(entry.Name), entry)));
        var before = present.Entries.Where(entry => !entry.IsFolder).ToDictionary(entry => entry.Name, entry => entry.Length, StringComparer.Ordinal);
        Growth += difference.Wanted.Sum(entry => entry.Length - before.GetValueOrDefault(entry.Name))
            - difference.Surplus.Sum(entry => entry.IsFolder ? present.Find(SitePath.Parse(entry.Name))!.Length : entry.Length);
    }
}
