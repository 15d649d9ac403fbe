using System.Globalization;
using P2P.YouServ.Hosting;
using P2P.YouServ.Http.Files;
using P2P.YouServ.Protocol;

namespace P2P.YouServ;

/// <summary>
/// Is a site that a peer serves, as plug-ins see it: the user's own, or a copy of somebody's. Reading it asks nobody for permission; whoever passes on what is in it asks <see cref="MayRead"/> first.
/// </summary>
public sealed class ServedSite
{
    private const int DepthMax = 128;

    private readonly PeerSite _site;
    private readonly SiteFilesOptions _serving;

    internal ServedSite(PeerSite site, SiteFilesOptions serving, bool isCopy) => (_site, _serving, IsCopy) = (site, serving, isCopy);

    /// <summary>The site's host, such as <c>joe.userv.example</c>; empty when nobody is signed in any more.</summary>
    public string Host => _site.Identity?.Host ?? "";

    /// <summary>The site's name; the default value when nobody is signed in any more.</summary>
    public SiteName Name => SiteName.TryParse(_site.Identity?.Site, out var name) ? name : default;

    /// <summary>The zone, whose name is the coordinator's too.</summary>
    public string Zone => _site.Identity?.Zone ?? "";

    /// <summary>Where browsers find the coordinator; null when nobody is signed in any more.</summary>
    public Uri? Coordinator => _site.Identity?.Coordinator;

    /// <summary>Whose site it is; the default value when nobody is signed in any more.</summary>
    public UserId Owner => UserId.TryParse(_site.Identity?.User, out var owner) ? owner : default;

    /// <summary>What the owner is called.</summary>
    public string DisplayName => _site.Identity?.DisplayName ?? "";

    /// <summary>Whether it is a copy that stands in while the owner's machine is away.</summary>
    public bool IsCopy { get; }

    /// <summary>The rules that say who may read what, as they are now, in the order of their paths: the same object until they change.</summary>
    public IReadOnlyList<AccessRule> Rules => _site.Access.Rules.All;

    /// <summary>Finds the rule that decides on a path: the nearest on the way up.</summary>
    /// <param name="path">The path.</param>
    /// <returns>The rule; null where there is none, so that only the owner may read it.</returns>
    public AccessRule? FindRule(SitePath path) => _site.Access.Rules.RuleFor(path);

    /// <summary>Tells whether somebody may read a path, now.</summary>
    /// <param name="visitor">Who asks. The owner of the site may read everything, whether or not <see cref="Visitor.IsOwner"/> says so.</param>
    /// <param name="path">The path.</param>
    public bool MayRead(Visitor visitor, SitePath path)
    {
        ArgumentNullException.ThrowIfNull(visitor);
        return _serving.Serves(path)
            && ((visitor.User is { } user && _site.IsOwner(user)) || _site.Access.Decide(visitor, path) == AccessDecision.Granted);
    }

    /// <summary>Lists the files of the site, in no order: those that are served to somebody. Links are followed within the site.</summary>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="IOException">A folder cannot be read for the moment: what was not listed must not be taken for deleted.</exception>
    public IEnumerable<SiteFile> ListFiles(CancellationToken cancellationToken = default)
    {
        if (_site.Folder.Find(SitePath.Root) is not { Kind: EntryKind.Folder } root)
        {
            throw new IOException("The site's folder cannot be read: it is gone, or nobody here may read it.");
        }

        return List(SitePath.Root, [root.Stamp], cancellationToken);
    }

    /// <summary>Opens a file of the site for reading.</summary>
    /// <param name="path">The file.</param>
    /// <param name="file">The file as it is when it is opened.</param>
    /// <returns>The content; null if there is no such file, or none that may be read.</returns>
    public Stream? OpenRead(SitePath path, out SiteFile? file)
    {
        file = null;
        if (!_serving.Serves(path) || _site.Folder.OpenFile(path, out var entry) is not { } handle)
        {
            return null;
        }

        file = FileOf(path, entry.Stamp);
        return new FileStream(handle, FileAccess.Read, bufferSize: 0);
    }

    /// <summary>Tells a file as it is now.</summary>
    /// <param name="path">The file.</param>
    /// <returns>The file; null if there is none.</returns>
    public SiteFile? FindFile(SitePath path) =>
        _serving.Serves(path) && _site.Folder.Find(path) is { Kind: EntryKind.File } entry ? FileOf(path, entry.Stamp) : null;

    /// <summary>Is told when files or rules may have changed, as far as the system tells: who must know looks from time to time.</summary>
    /// <param name="changed">Called from any thread, often many times for one change. It must not wait.</param>
    /// <returns>Ends it.</returns>
    public IDisposable Watch(Action changed)
    {
        ArgumentNullException.ThrowIfNull(changed);
        _site.Access.Changed += changed;
        return new Watching(_site, FolderWatch.TryStart(_site.FolderPath, changed), changed);
    }

    private IEnumerable<SiteFile> List(SitePath folder, List<FileStamp> above, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var entries = _site.Folder.ListWhole(folder) ?? throw new IOException($"The folder {folder} of the site cannot be read.");
        foreach (var (name, entry) in entries)
        {
            var path = folder.Append(name);
            if (!_serving.Serves(path))
            {
                continue;
            }

            if (entry.Kind == EntryKind.File)
            {
                yield return FileOf(path, entry.Stamp);
            }
            else if (entry.Kind == EntryKind.Folder && above.Count < DepthMax && !above.Exists(stamp => stamp.Node != 0 && stamp.Node == entry.Stamp.Node && stamp.Device == entry.Stamp.Device))
            {
                above.Add(entry.Stamp);
                foreach (var file in List(path, above, cancellationToken))
                {
                    yield return file;
                }

                above.RemoveAt(above.Count - 1);
            }
        }
    }

    private static SiteFile FileOf(SitePath path, FileStamp stamp) => new(
        path,
        stamp.Length,
        stamp.ModifiedAt,
        string.Create(CultureInfo.InvariantCulture, $"{stamp.Device:x}.{stamp.Node:x}.{stamp.Length:x}.{stamp.Modified:x}.{stamp.Changed:x}"));

    private sealed class Watching(PeerSite site, FolderWatch? watch, Action changed) : IDisposable
    {
        public void Dispose()
        {
            site.Access.Changed -= changed;
            watch?.Dispose();
        }
    }
}
