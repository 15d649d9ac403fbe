using P2P.YouServ.Http.Files;

namespace P2P.YouServ.Storage;

/// <summary>Lets the rules and share links of a site go where its files go: else one that comes later to an old name would be as open as what had it before.</summary>
internal sealed class SiteRules(AccessBook access, LinkBook links) : IFolderRules
{
    public async ValueTask<IReadOnlyList<AccessRule>> CloseAsync(SitePath path)
    {
        IReadOnlyList<AccessRule> before = [.. access.Rules.All.Where(rule => rule.Path.IsWithin(path))];
        await access.ReplaceWithinAsync(path, [new() { Path = path }]).ConfigureAwait(false);
        return before;
    }

    public ValueTask RestoreAsync(SitePath path, IReadOnlyList<AccessRule> rules) => access.ReplaceWithinAsync(path, rules);

    public async ValueTask MoveAsync(SitePath from, SitePath to)
    {
        await links.RemoveWithinAsync(to).ConfigureAwait(false);
        await links.MoveAsync(from, to).ConfigureAwait(false);
        await access.ReplaceWithinAsync(
            to, [.. access.Rules.All.Where(rule => rule.Path.IsWithin(from)).Select(rule => rule with { Path = rule.Path.Rebase(from, to) })]).ConfigureAwait(false);
        await access.ReplaceWithinAsync(from, []).ConfigureAwait(false);
    }

    public async ValueTask RemoveAsync(SitePath path)
    {
        await links.RemoveWithinAsync(path).ConfigureAwait(false);
        await access.ReplaceWithinAsync(path, []).ConfigureAwait(false);
    }
}
