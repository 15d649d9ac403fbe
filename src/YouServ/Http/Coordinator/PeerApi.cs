using System.Data.Common;
using System.Globalization;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using P2P.YouServ.Wire;

namespace P2P.YouServ.Http;

/// <summary>What peers say to a coordinator, by JSON over HTTP. A peer proves itself by the token of its sign-in.</summary>
internal sealed partial class PeerApi(Func<YouServCoordinator> find)
{
    public const string Prefix = "/api/v1";

    /// <summary>How many revocations one heartbeat carries; the rest comes with the next.</summary>
    private const int RevocationsMax = 1000;

    private YouServCoordinator Coordinator => find();

    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet(Prefix + "/about", AboutAsync);
        routes.MapPost(Prefix + "/peer/sign-in", Guarded(SignInAsync));
        routes.MapPost(Prefix + "/peer/sign-out", Guarded(WithPeer(SignOutAsync)));
        routes.MapPost(Prefix + "/peer/lease", Guarded(WithPeer(LeaseAsync)));
        routes.MapPost(Prefix + "/peer/heartbeat", Guarded(WithPeer(HeartbeatAsync)));
        routes.MapPost(Prefix + "/peer/certificate", Guarded(WithPeer(CertificateAsync)));
        routes.MapPost(Prefix + "/peer/pass", Guarded(WithPeer(PassAsync)));
        routes.MapPost(Prefix + "/peer/proxy", Guarded(WithPeer(ProxyAsync)));
        routes.MapPost(Prefix + "/peer/replicas", Guarded(WithPeer(ReplicasAsync)));
        routes.MapPost(Prefix + "/peer/replicas/invite", Guarded(WithPeer(InviteAsync)));
        routes.MapPost(Prefix + "/peer/replicas/accept", Guarded(WithPeer(AcceptAsync)));
        routes.MapPost(Prefix + "/peer/replicas/dismiss", Guarded(WithPeer(DismissAsync)));
        routes.MapPost(Prefix + "/peer/replicas/leave", Guarded(WithPeer(LeaveAsync)));
        routes.MapPost(Prefix + "/peer/replicas/report", Guarded(WithPeer(ReportAsync)));
        routes.MapPost(Prefix + "/peer/release", Guarded(WithPeer(ReleaseAsync)));
    }

    private Task AboutAsync(HttpContext context) =>
        JsonBody.WriteAsync(
            context,
            new About
            {
                Zone = Coordinator.Options.Zone,
                PublicUrl = Coordinator.Options.PublicUrl,
                TicketKey = Convert.ToBase64String(Coordinator.TicketPublicKey),
                Authority = Coordinator.AuthorityCertificate,
            },
            WireJson.Default.About);

    private async Task SignInAsync(HttpContext context)
    {
        if (await JsonBody.ReadAsync(context, WireJson.Default.SignInRequest).ConfigureAwait(false) is not { } request)
        {
            return;
        }

        if (!Coordinator.Options.AllowPlainHttp && !RequestOrigin.IsConfidential(context.Request) && !IPAddress.IsLoopback(Observed(context)))
        {
            await JsonBody.RefuseAsync(
                context, StatusCodes.Status403Forbidden, "refused", "Signing in needs HTTPS: over plain HTTP, others could read the password. Name the coordinator by its https:// address.").ConfigureAwait(false);
            return;
        }

        switch (await Coordinator.SignInAsync(request.User, request.Password, SessionKind.Peer, request.Device, Observed(context), context.RequestAborted).ConfigureAwait(false))
        {
            case SignInResult.SignedIn signedIn:
                var reply = new SignInReply
                {
                    Token = signedIn.Token,
                    User = signedIn.Session.User.Value,
                    DisplayName = signedIn.Session.DisplayName,
                    Site = signedIn.Site.Name.Value,
                    ExpiresAt = signedIn.Session.ExpiresAt,
                };
                await JsonBody.WriteAsync(context, reply, WireJson.Default.SignInReply).ConfigureAwait(false);
                break;
            case SignInResult.TooManyAttempts tooMany:
                context.Response.Headers.RetryAfter = Math.Ceiling(tooMany.RetryAfter.TotalSeconds).ToString(CultureInfo.InvariantCulture);
                await JsonBody.RefuseAsync(context, StatusCodes.Status429TooManyRequests, "too-many-attempts", $"Too many sign-ins have failed. Wait {Math.Ceiling(tooMany.RetryAfter.TotalSeconds)} s.").ConfigureAwait(false);
                break;
            case SignInResult.Unavailable:
                await JsonBody.RefuseAsync(context, StatusCodes.Status503ServiceUnavailable, "unavailable", "Who knows the users cannot be asked now. Try again later.").ConfigureAwait(false);
                break;
            default:
                await JsonBody.RefuseAsync(context, StatusCodes.Status401Unauthorized, "refused", "The user or the password is wrong.").ConfigureAwait(false);
                break;
        }
    }

    private async Task SignOutAsync(HttpContext context, SessionRecord peer)
    {
        await Coordinator.SignOutAsync(peer, context.RequestAborted).ConfigureAwait(false);
        context.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    private async Task LeaseAsync(HttpContext context, SessionRecord peer)
    {
        if (await JsonBody.ReadAsync(context, WireJson.Default.LeaseRequest).ConfigureAwait(false) is not { } request)
        {
            return;
        }

        var addresses = request.Addresses.Select(text => IPAddress.TryParse(text, out var address) ? address : null).ToArray();
        if (addresses.Contains(null))
        {
            await JsonBody.RefuseAsync(context, StatusCodes.Status400BadRequest, "invalid", "What is named as an address is none.").ConfigureAwait(false);
            return;
        }

        if (!TryReadVia(request.Via, out var via))
        {
            await JsonBody.RefuseAsync(context, StatusCodes.Status400BadRequest, "invalid", "What is named as a site is none.").ConfigureAwait(false);
            return;
        }

        var result = via is { } proxy
            ? await Coordinator.GrantLeaseThroughAsync(peer, proxy, context.RequestAborted).ConfigureAwait(false)
            : await Coordinator.GrantLeaseAsync(
                peer, addresses!, request.Port, request.IsSecure, Observed(context), request.IsProxy, context.RequestAborted).ConfigureAwait(false);
        switch (result)
        {
            case LeaseResult.Granted { Site.Lease: { } lease, WasHeld: var wasHeld }:
                var reply = new LeaseReply
                {
                    LeaseId = lease.Id,
                    Addresses = [.. lease.Addresses.Select(address => address.ToString())],
                    HeartbeatSeconds = Coordinator.HeartbeatInterval.TotalSeconds,
                    WasHeld = wasHeld,
                };
                await JsonBody.WriteAsync(context, reply, WireJson.Default.LeaseReply).ConfigureAwait(false);
                break;
            case LeaseResult.Unreachable unreachable:
                await JsonBody.RefuseAsync(
                    context,
                    StatusCodes.Status409Conflict,
                    "unreachable",
                    $"Nothing at {string.Join(" or ", unreachable.Addresses)}, port {request.Port}, proves to be this peer. Open the port in the firewall, or name the address at which others reach the machine.").ConfigureAwait(false);
                break;
            case LeaseResult.Refused refused:
                await JsonBody.RefuseAsync(context, StatusCodes.Status403Forbidden, "refused", refused.Reason).ConfigureAwait(false);
                break;
        }
    }

    private async Task HeartbeatAsync(HttpContext context, SessionRecord peer)
    {
        if (await JsonBody.ReadAsync(context, WireJson.Default.HeartbeatRequest).ConfigureAwait(false) is not { } request)
        {
            return;
        }

        if (request.Held.Count > HeldMax)
        {
            await JsonBody.RefuseAsync(context, StatusCodes.Status400BadRequest, "invalid", $"A peer keeps copies of at most {HeldMax} sites.").ConfigureAwait(false);
            return;
        }

        var isRenewed = await Coordinator.RenewLeaseAsync(peer, request.LeaseId, context.RequestAborted).ConfigureAwait(false);
        var site = isRenewed ? null : await Coordinator.SiteOfAsync(peer, context.RequestAborted).ConfigureAwait(false);
        var held = isRenewed ? await Coordinator.NoteHeldAsync(peer, VersionsOf(request.Held), context.RequestAborted).ConfigureAwait(false) : null;
        var revocations = await Coordinator.Sessions.ReadRevocationsAsync(request.RevocationsSeen, RevocationsMax, context.RequestAborted).ConfigureAwait(false);
        var reply = new HeartbeatReply
        {
            IsRenewed = isRenewed,
            IsReplaced = site?.Lease is { Holder: null } other && other.TokenHash != peer.TokenHash,
            ObservedAddress = Observed(context).ToString(),
            HeartbeatSeconds = Coordinator.HeartbeatInterval.TotalSeconds,
            Revoked = [.. revocations.Select(revocation => revocation.SessionId)],
            RevocationsSeen = revocations.Count > 0 ? revocations[^1].Number : request.RevocationsSeen,
            HasReplicas = (await Coordinator.ListReplicasAsync(peer, context.RequestAborted).ConfigureAwait(false)).Any(replica => replica is { IsAccepted: true, Version: > 0 }),
            Held = held is null ? null : [.. held.Select(name => name.Value)],
        };
        await JsonBody.WriteAsync(context, reply, WireJson.Default.HeartbeatReply).ConfigureAwait(false);
    }

    private async Task ReleaseAsync(HttpContext context, SessionRecord peer)
    {
        if (await JsonBody.ReadAsync(context, WireJson.Default.ReleaseRequest).ConfigureAwait(false) is { } request)
        {
            await Coordinator.ReleaseLeaseAsync(peer, request.LeaseId, context.RequestAborted).ConfigureAwait(false);
            var successor = (await Coordinator.SiteOfAsync(peer, context.RequestAborted).ConfigureAwait(false)).Lease;
            var reply = successor?.Holder is null ? new ReleaseReply() : new() { Addresses = [.. successor.Addresses.Select(address => address.ToString())], Port = successor.Port };
            await JsonBody.WriteAsync(context, reply, WireJson.Default.ReleaseReply).ConfigureAwait(false);
        }
    }

    private static bool TryReadVia(string? text, out SiteName? via)
    {
        via = SiteName.TryParse(text, out var name) ? name : null;
        return text is null || via is not null;
    }

    private async Task ProxyAsync(HttpContext context, SessionRecord peer)
    {
        if (await JsonBody.ReadAsync(context, WireJson.Default.ProxyWish).ConfigureAwait(false) is not { } wish)
        {
            return;
        }

        var proxy = await Coordinator.FindProxyAsync(peer, wish.Excluding, context.RequestAborted).ConfigureAwait(false);
        await (proxy is null
            ? JsonBody.RefuseAsync(context, StatusCodes.Status409Conflict, "no-proxy", "Nobody carries the connections of others now.")
            : JsonBody.WriteAsync(context, proxy, WireJson.Default.ProxyReply)).ConfigureAwait(false);
    }

    private async Task CertificateAsync(HttpContext context, SessionRecord peer)
    {
        if (await JsonBody.ReadAsync(context, WireJson.Default.CertificateWish).ConfigureAwait(false) is not { } wish)
        {
            return;
        }

        using var certificate = await Coordinator.IssueCertificateAsync(peer, wish.Request, context.RequestAborted).ConfigureAwait(false);
        await (certificate is null
            ? JsonBody.RefuseAsync(context, StatusCodes.Status400BadRequest, "invalid", "The request is no PKCS#10 of a key on P-256 or P-384 that proves to have it.")
            : JsonBody.WriteAsync(context, new CertificateReply { Certificate = certificate.ExportCertificatePem() }, WireJson.Default.CertificateReply)).ConfigureAwait(false);
    }

    private async Task PassAsync(HttpContext context, SessionRecord peer)
    {
        if (await JsonBody.ReadAsync(context, WireJson.Default.UserPassWish).ConfigureAwait(false) is not { } wish)
        {
            return;
        }

        using var key = ProofKey.TryImport(wish.Key);
        var reply = key is null ? null : await Coordinator.IssuePassAsync(peer, wish.Key, context.RequestAborted).ConfigureAwait(false);
        await (reply is null
            ? JsonBody.RefuseAsync(context, StatusCodes.Status400BadRequest, "invalid", "What is named as a key is no public key on P-256, or the user is in more groups than a pass can name.")
            : JsonBody.WriteAsync(context, reply, WireJson.Default.UserPassReply)).ConfigureAwait(false);
    }

    private Func<HttpContext, Task> WithPeer(Func<HttpContext, SessionRecord, Task> handle) => async context =>
    {
        const string Scheme = "Bearer ";
        var header = context.Request.Headers.Authorization.ToString();
        var token = header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) ? header[Scheme.Length..] : null;
        if (await Coordinator.FindSessionAsync(token, SessionKind.Peer, context.RequestAborted).ConfigureAwait(false) is { } peer)
        {
            await handle(context, peer).ConfigureAwait(false);
        }
        else
        {
            context.Response.Headers.WWWAuthenticate = "Bearer";
            await JsonBody.RefuseAsync(context, StatusCodes.Status401Unauthorized, "signed-out", "The peer's sign-in has ended. Sign in again with the password.").ConfigureAwait(false);
        }
    };

    /// <summary>Where the store cannot be reached, peers try again, here or at another coordinator.</summary>
    private static RequestDelegate Guarded(Func<HttpContext, Task> handle) => async context =>
    {
        try
        {
            await handle(context).ConfigureAwait(false);
        }
        catch (DbException) when (!context.Response.HasStarted)
        {
            context.Response.Headers.RetryAfter = "1";
            await JsonBody.RefuseAsync(context, StatusCodes.Status503ServiceUnavailable, "unavailable", "The coordinator cannot reach its store. Try again.").ConfigureAwait(false);
        }
    };

    private static IPAddress Observed(HttpContext context) => Hosting.ReachPolicy.Plain(context.Connection.RemoteIpAddress ?? IPAddress.None);
}
