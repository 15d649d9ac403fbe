using Microsoft.AspNetCore.Http;
using P2P.YouServ.Wire;

namespace P2P.YouServ.Http;

/// <summary>What the owner's page says to the peer about copies.</summary>
internal sealed class ReplicationApi(Func<YouServPeer> find)
{
    public const string Prefix = "replication";

    public async Task InvokeAsync(HttpContext context, string action)
    {
        var peer = find();
        try
        {
            if (action.Length == 0 && HttpMethods.IsGet(context.Request.Method))
            {
                var status = await peer.GetReplicationAsync(context.RequestAborted).ConfigureAwait(false);
                await JsonBody.WriteAsync(context, ReplicationView.Of(status), WireJson.Default.ReplicationView).ConfigureAwait(false);
                return;
            }

            Func<SiteName, CancellationToken, ValueTask>? act = action switch
            {
                "/invite" => peer.InviteHolderAsync,
                "/dismiss" => peer.DismissHolderAsync,
                "/accept" => peer.AcceptCopyAsync,
                "/leave" => peer.DropCopyAsync,
                _ => null,
            };
            if (act is null || !HttpMethods.IsPost(context.Request.Method))
            {
                await JsonBody.RefuseAsync(context, StatusCodes.Status404NotFound, "unknown", "There is nothing here.").ConfigureAwait(false);
                return;
            }

            if (await JsonBody.ReadAsync(context, WireJson.Default.ReplicaWish).ConfigureAwait(false) is not { } wish)
            {
                return;
            }

            if (!SiteName.TryParse(wish.Site, out var site))
            {
                await JsonBody.RefuseAsync(context, StatusCodes.Status400BadRequest, "invalid", $"'{wish.Site}' is no name of a site.").ConfigureAwait(false);
                return;
            }

            await act(site, context.RequestAborted).ConfigureAwait(false);
            context.Response.StatusCode = StatusCodes.Status204NoContent;
        }
        catch (YouServException failure)
        {
            await JsonBody.RefuseAsync(context, StatusCodes.Status409Conflict, "refused", failure.Message).ConfigureAwait(false);
        }
    }
}
