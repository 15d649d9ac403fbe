using System.Text.Json;
using P2P.YouServ.Http.Files;
using P2P.YouServ.Storage;
using P2P.YouServ.Wire;

namespace P2P.YouServ.Hosting;

/// <summary>
/// A copy of another's site: a site of its own on this machine, which nobody changes but the owner, from afar. Not for several callers at once, but for those who read what it says of itself.
/// </summary>
internal sealed class ReplicaSite : IAsyncDisposable
{
    /// <summary>How often in a row the owner may change the site while it is being copied, before others get their turn.</summary>
    private const int RoundsMax = 5;

    private const string StateName = "state";
    private const string RulesName = "rules";
    private const string OriginName = "origin";

    private readonly CopyFolder _folder;
    private readonly SiteIndex _index;
    private readonly long _lengthMax;
    private volatile SiteState? _state;
    private string? _origin;

    private ReplicaSite(PeerSite site, CopyFolder folder, SiteIndex index, long lengthMax) => (Site, _folder, _index, _lengthMax) = (site, folder, index, lengthMax);

    /// <summary>What is served.</summary>
    public PeerSite Site { get; }

    /// <summary>The state that is on the disk; null while there is none to be seen: before the first is whole, and while rules and files are brought up to date together.</summary>
    public SiteState? State => _state;

    /// <summary>What of the site is served, as its owner has said.</summary>
    public SiteFilesOptions Serving { get; private set; } = new();

    /// <summary>Opens a copy.</summary>
    /// <param name="path">Where it is on the machine, with all that belongs to it.</param>
    /// <param name="lengthMax">How many bytes its files may have.</param>
    /// <param name="clock">The clock.</param>
    /// <param name="logger">Is told what goes wrong.</param>
    public static async Task<ReplicaSite> OpenAsync(string path, long lengthMax, TimeProvider clock, Microsoft.Extensions.Logging.ILogger logger)
    {
        var files = Path.Combine(path, "files");
        var site = await PeerSite.OpenAsync(files, path, clock, logger).ConfigureAwait(false);
        try
        {
            var index = await SiteIndex.OpenAsync(site.Folder, site.Database, clock).ConfigureAwait(false);
            var copy = new ReplicaSite(site, new CopyFolder(files, Path.Combine(path, "incoming")), index, lengthMax);
            await copy.LoadAsync().ConfigureAwait(false);
            return copy;
        }
        catch
        {
            await site.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Makes the copy what the owner's site is.</summary>
    /// <param name="client">The owner's peer.</param>
    /// <param name="wanted">The state that it is in.</param>
    /// <param name="hasLooked">Whether <see cref="IsIntactAsync"/> has just looked at the copy.</param>
    /// <param name="cancellationToken">Gives up; what was fetched of large files is kept for the next time.</param>
    /// <returns>Whether the copy has that state now, durably. Else the owner has changed the site meanwhile.</returns>
    /// <exception cref="InvalidDataException">The owner's peer says what it must not, or the site is larger than it may be.</exception>
    public async Task<bool> CopyAsync(SyncClient client, SiteState wanted, bool hasLooked, CancellationToken cancellationToken)
    {
        for (var round = 0; round < RoundsMax; round++)
        {
            if (await TryCopyAsync(client, wanted, hasLooked && round == 0, cancellationToken).ConfigureAwait(false))
            {
                return true;
            }

            wanted = await client.WaitAsync(known: null, TimeSpan.Zero, cancellationToken).ConfigureAwait(false);
        }

        return false;
    }

    /// <summary>Looks whether the copy is what it was: somebody may have changed files of it on this machine.</summary>
    /// <returns>Whether it is.</returns>
    public async Task<bool> IsIntactAsync(CancellationToken cancellationToken)
    {
        await _index.LookAsync(Serving, written: null, cancellationToken).ConfigureAwait(false);
        return _state?.Files == _index.Root.Digest.ToString();
    }

    public async ValueTask DisposeAsync()
    {
        _index.Dispose();
        await Site.DisposeAsync().ConfigureAwait(false);
    }

    private async Task LoadAsync()
    {
        Serving = ServingOf(await Site.GetAsync(RulesName).ConfigureAwait(false) is { } text ? JsonSerializer.Deserialize(text, WireJson.Default.SharedRules)! : new());
        _state = await Site.GetAsync(StateName).ConfigureAwait(false) is { Length: > 0 } state ? JsonSerializer.Deserialize(state, WireJson.Default.SiteState) : null;
        _origin = _state?.Origin ?? await Site.GetAsync(OriginName).ConfigureAwait(false);
    }

    private async Task<bool> TryCopyAsync(SyncClient client, SiteState wanted, bool hasLooked, CancellationToken cancellationToken)
    {
        if (!ContentDigest.TryParse(wanted.Files, out var files))
        {
            throw new InvalidDataException("The owner's peer names no state.");
        }

        if (_origin is not null && _origin != wanted.Origin)
        {
            // A new machine with nothing on it, perhaps: what is here may be the only copy left.
            throw new InvalidDataException("The owner's peer has begun anew, with another folder for its state. This copy stays as it is; end it, and accept another one, to follow the new peer.");
        }

        if (_origin is null)
        {
            await Site.SetAsync(OriginName, wanted.Origin).ConfigureAwait(false);
            _origin = wanted.Origin;
        }

        SharedRules? rules = null;
        if (_state?.Rules != wanted.Rules)
        {
            (rules, var digest) = await client.GetRulesAsync(cancellationToken).ConfigureAwait(false);
            if (digest.ToString() != wanted.Rules)
            {
                return false;
            }
        }

        var parsed = rules is null ? default : Parse(rules);
        var serving = rules is null ? Serving : ServingOf(rules);
        if (!hasLooked || rules is not null)
        {
            await _index.LookAsync(serving, written: null, cancellationToken).ConfigureAwait(false);
        }

        if (await CopyPlan.MakeAsync(client, files, _index.Root, serving, cancellationToken).ConfigureAwait(false) is not { } plan)
        {
            return false;
        }

        CheckRoom(plan);
        var gathering = new FileGathering(client, _folder, _index, cancellationToken);
        await gathering.GatherAsync(plan.Wanted).ConfigureAwait(false);
        var isWhole = gathering.Gathered.Count == plan.Wanted.Count;
        if (rules is not null && !isWhole)
        {
            return false; // Rules come with the files that they were made for, or not at all.
        }

        _folder.Flush(gathering.Gathered.Select(file => file.From));
        if (rules is not null)
        {
            // From here on until all is there nobody is to see any of it, also if the machine stops in between.
            _state = null;
            await Site.SetAsync(StateName, "").ConfigureAwait(false);
            await TakeAsync(rules, parsed).ConfigureAwait(false);
            Serving = serving;
            if (!serving.ShowsHidden)
            {
                _folder.RemoveHidden();
            }
        }

        Apply(plan, gathering, isWhole);
        _folder.Flush(gathering.Gathered.Select(file => _folder.PathOf(file.Path)));
        await _index.LookAsync(serving, gathering.Hashed, cancellationToken).ConfigureAwait(false);
        if (_index.Root.Digest != files)
        {
            return false;
        }

        await Site.SetAsync(StateName, JsonSerializer.Serialize(wanted, WireJson.Default.SiteState)).ConfigureAwait(false);
        _state = wanted;
        return true;
    }

    private void CheckRoom(CopyPlan plan)
    {
        if (_index.Root.Length + plan.Growth is var length && length > _lengthMax)
        {
            throw new InvalidDataException($"The site has {length} bytes, more than a copy of it may have here: {_lengthMax}.");
        }

        if (plan.Wanted.Sum(file => file.Entry.Length) is var coming and > 0 && coming > _folder.FreeBytes)
        {
            throw new InvalidDataException($"The disk has no room for the {coming} bytes that the site has more or others.");
        }
    }

    /// <summary>Moves everything into its place. What is not whole yet deletes nothing that may be wanted under another name.</summary>
    private void Apply(CopyPlan plan, FileGathering gathering, bool isWhole)
    {
        foreach (var (path, difference) in plan.Folders)
        {
            var taken = difference.Wanted.Concat(difference.Entered).Select(entry => entry.Name).ToHashSet(StringComparer.Ordinal);
            _folder.Remove(path, difference.Surplus.Where(entry => taken.Contains(entry.Name)));
            Directory.CreateDirectory(_folder.PathOf(path));
            foreach (var entry in difference.Touched)
            {
                CopyFolder.Touch(_folder.PathOf(path.Append(entry.Name)), entry);
            }
        }

        foreach (var (from, path, _) in gathering.Gathered)
        {
            File.Move(from, _folder.PathOf(path), overwrite: true);
        }

        foreach (var (path, difference) in isWhole ? plan.Folders : [])
        {
            var taken = difference.Wanted.Concat(difference.Entered).Select(entry => entry.Name).ToHashSet(StringComparer.Ordinal);
            _folder.Remove(path, difference.Surplus.Where(entry => !taken.Contains(entry.Name)));
        }
    }

    private async Task TakeAsync(SharedRules shared, (IReadOnlyList<AccessRule> Rules, IReadOnlyList<KeyValuePair<string, ShareLink>> Links) parsed)
    {
        await Site.Access.ReplaceAllAsync(parsed.Rules).ConfigureAwait(false);
        await Site.Links.ReplaceAllAsync(parsed.Links).ConfigureAwait(false);
        await Site.SetAsync(RulesName, JsonSerializer.Serialize(shared, WireJson.Default.SharedRules)).ConfigureAwait(false);
    }

    /// <exception cref="InvalidDataException">They are none that a site may have.</exception>
    private static (IReadOnlyList<AccessRule> Rules, IReadOnlyList<KeyValuePair<string, ShareLink>> Links) Parse(SharedRules shared)
    {
        try
        {
            AccessRule[] rules =
            [
                .. shared.Rules.Select(rule => new AccessRule
                {
                    Path = SitePath.Parse(rule.Path),
                    Audience = Enum.IsDefined(rule.Audience) ? rule.Audience : throw new FormatException($"There is no audience {rule.Audience}."),
                    Users = [.. rule.Users.Select(UserId.Parse)],
                    Groups = rule.Groups,
                }),
            ];
            KeyValuePair<string, ShareLink>[] links =
                [.. shared.Links.Select(link => KeyValuePair.Create(link.SecretHash, new ShareLink { Id = link.Id, Path = SitePath.Parse(link.Path), ExpiresAt = link.ExpiresAt }))];
            return rules.Length <= AccessBook.RulesMax && links.Length <= LinkBook.LinksMax && links.DistinctBy(link => link.Key).Count() == links.Length && links.DistinctBy(link => link.Value.Id).Count() == links.Length
                ? (rules, links)
                : throw new FormatException("They are too many, or two links are one.");
        }
        catch (FormatException failure)
        {
            throw new InvalidDataException($"The rules of the site are none that a site may have. {failure.Message}", failure);
        }
    }

    private static SiteFilesOptions ServingOf(SharedRules rules) => new() { ShowsHidden = rules.ShowsHidden, RunsScripts = rules.RunsScripts };
}
