using Microsoft.AspNetCore.Http;
using P2P.YouServ.Protocol;
using P2P.YouServ.Wire;

namespace P2P.YouServ.Http;

/// <summary>What peers say to a coordinator about copies of sites.</summary>
internal sealed partial class PeerApi
{
    private const int HeldMax = ReplicaChoice.HeldMax;

    private async Task ReplicasAsync(HttpContext context, SessionRecord peer)
    {
        if (await JsonBody.ReadAsync(context, WireJson.Default.ReplicaQuery).ConfigureAwait(false) is not { } query)
        {
            return;
        }

        SiteName? only = SiteName.TryParse(query.Held, out var site) ? site : null;
        if (query.Held is not null && only is null)
        {
            await JsonBody.RefuseAsync(context, StatusCodes.Status400BadRequest, "invalid", "What is named as a site is none.").ConfigureAwait(false);
            return;
        }

        var own = await Coordinator.ListReplicasAsync(peer, context.RequestAborted).ConfigureAwait(false);
        var reply = new ReplicasReply
        {
            Own =
            [
                .. own.Select(replica => new ReplicaView
                {
                    Holder = replica.Holder.Value,
                    IsAccepted = replica.IsAccepted,
                    Version = replica.Version,
                    ReportedAt = replica.ReportedAt,
                }),
            ],
            Held = await Coordinator.ListHeldAsync(peer, only, context.RequestAborted).ConfigureAwait(false),
        };
        await JsonBody.WriteAsync(context, reply, WireJson.Default.ReplicasReply).ConfigureAwait(false);
    }

    private Task InviteAsync(HttpContext context, SessionRecord peer) =>
        AnswerAsync(context, site => Coordinator.InviteHolderAsync(peer, site, context.RequestAborted));

    private Task AcceptAsync(HttpContext context, SessionRecord peer) =>
        AnswerAsync(context, site => Coordinator.AcceptCopyAsync(peer, site, context.RequestAborted));

    private Task DismissAsync(HttpContext context, SessionRecord peer) => AnswerAsync(context, async site =>
        await Coordinator.EndCopyAsync(peer, (await Coordinator.SiteOfAsync(peer, context.RequestAborted).ConfigureAwait(false)).Name, site, context.RequestAborted).ConfigureAwait(false));

    private Task LeaveAsync(HttpContext context, SessionRecord peer) => AnswerAsync(context, async site =>
        await Coordinator.EndCopyAsync(peer, site, (await Coordinator.SiteOfAsync(peer, context.RequestAborted).ConfigureAwait(false)).Name, context.RequestAborted).ConfigureAwait(false));

    private async Task ReportAsync(HttpContext context, SessionRecord peer)
    {
        if (await JsonBody.ReadAsync(context, WireJson.Default.HeldVersion).ConfigureAwait(false) is { } held)
        {
            await Coordinator.ReportReplicaAsync(peer, VersionsOf([held]), context.RequestAborted).ConfigureAwait(false);
            context.Response.StatusCode = StatusCodes.Status204NoContent;
        }
    }

    private static async Task AnswerAsync(HttpContext context, Func<SiteName, ValueTask<ReplicaResult>> act)
    {
        if (await JsonBody.ReadAsync(context, WireJson.Default.ReplicaWish).ConfigureAwait(false) is not { } wish)
        {
            return;
        }

        var result = SiteName.TryParse(wish.Site, out var site) ? await act(site).ConfigureAwait(false) : ReplicaResult.NoSuchSite;
        var detail = result switch
        {
            ReplicaResult.NoSuchSite => $"There is no site '{wish.Site}'.",
            ReplicaResult.OwnSite => "A peer keeps no copy of its own site.",
            ReplicaResult.NotInvited => $"The owner of '{wish.Site}' has not invited this peer.",
            ReplicaResult.TooMany => $"A site has at most {ReplicaChoice.ReplicasMax} replicas, and a peer keeps copies of at most {HeldMax} sites.",
            _ => null,
        };
        if (detail is not null)
        {
            await JsonBody.RefuseAsync(context, StatusCodes.Status409Conflict, "refused", detail).ConfigureAwait(false);
            return;
        }

        context.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    private static Dictionary<SiteName, long> VersionsOf(IReadOnlyList<HeldVersion?> held)
    {
        var versions = new Dictionary<SiteName, long>();
        foreach (var copy in held)
        {
            if (SiteName.TryParse(copy?.Site, out var site))
            {
                versions[site] = copy!.Version;
            }
        }

        return versions;
    }
}
