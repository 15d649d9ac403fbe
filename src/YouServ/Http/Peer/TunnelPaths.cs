using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using P2P.YouServ.Hosting;

namespace P2P.YouServ.Http;

/// <summary>Takes the tunnels of peers that nobody else can reach, where the owner of this one is willing to carry them.</summary>
internal sealed class TunnelPaths(PeerSite site, ProxyDesk desk, PeerOptions options, TimeProvider clock)
{
    private const string Scheme = "Bearer ";

    public async Task InvokeAsync(HttpContext context, PeerIdentity identity)
    {
        var header = context.Request.Headers.Authorization.ToString();
        var pass = header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) ? site.ReadPass(header[Scheme.Length..], clock.GetUtcNow()) : null;
        if (context.Features.Get<IHttpUpgradeFeature>() is not { IsUpgradableRequest: true } upgrade || context.Request.Headers.Upgrade != TunnelClient.Protocol || !options.IsProxy)
        {
            await ErrorPages.WriteAsync(context, StatusCodes.Status404NotFound, "There is nothing here.").ConfigureAwait(false);
            return;
        }

        if (pass is null || pass.Host == identity.Host)
        {
            await ErrorPages.WriteAsync(context, StatusCodes.Status403Forbidden, "This is no pass for a tunnel to here.").ConfigureAwait(false);
            return;
        }

        if (!desk.HasRoom(pass.Host, options.ProxyLimits.SitesMax))
        {
            await ErrorPages.WriteAsync(context, StatusCodes.Status503ServiceUnavailable, "This peer carries as many as it can, or is going.").ConfigureAwait(false);
            return;
        }

        context.Response.Headers.Upgrade = TunnelClient.Protocol;
        var stream = await upgrade.UpgradeAsync().ConfigureAwait(false);
        var tunnel = new Tunnel(TunnelWire.Over(stream), isProxy: true, lane => lane.Abandon(), clock, options.ProxyLimits);
        await using (tunnel.ConfigureAwait(false))
        {
            using var closing = context.RequestAborted.Register(tunnel.Close);
            await desk.CarryAsync(pass.Host, tunnel).ConfigureAwait(false);
        }
    }
}
