using Microsoft.AspNetCore.Http;

namespace P2P.YouServ.Http;

internal sealed partial class CoordinatorPages
{
    /// <summary>Tells people how the coordinator fares.</summary>
    private async Task StateAsync(HttpContext context, SessionRecord user)
    {
        var health = await Coordinator.CheckHealthAsync(context.RequestAborted).ConfigureAwait(false);
        await WriteAsync(context, user, "State", Html.Of($"""
            <section>
              <h2>How the coordinator fares</h2>
              <table class="list">
                <thead><tr><th scope="col">What</th><th scope="col">State</th><th scope="col"></th></tr></thead>
                <tbody>
                  {Row("Sites", health.IsStoreReachable, Html.Of($"{health.SitesServed} of {health.Sites} are up"))}
                  {Row("Store", health.IsStoreReachable, Html.Of($"{(health.IsStoreReachable ? $"answers in {health.StoreRoundTrip.TotalMilliseconds:f1} ms" : "does not answer")}"))}
                  {Row("Names", health.NamesBehindSince is null, Html.Of($"{Since(health.NamesBehindSince, "DNS says where sites are", "DNS cannot be told where sites are")}"))}
                  {Row("Watch", health.UnwatchedSince is null, Html.Of($"{Since(health.UnwatchedSince, "peers that fall silent are noticed", "peers that fall silent are not noticed")}"))}
                </tbody>
              </table>
            </section>
            <section class="card">
              <h2>Certificates</h2>
              <p>Sites with HTTPS show certificates of this organisation’s own authority. It is good for <strong>{Coordinator.Options.Zone}</strong> and the names beneath it, and for nothing else: add it to what your system or browser trusts, and there are no warnings.</p>
              <p><a class="button" href="/authority.crt" download>Download the authority</a></p>
            </section>
            """)).ConfigureAwait(false);
    }

    private Task AuthorityAsync(HttpContext context)
    {
        context.Response.ContentType = "application/x-x509-ca-cert";
        context.Response.Headers.XContentTypeOptions = "nosniff";
        return context.Response.WriteAsync(Coordinator.AuthorityCertificate, context.RequestAborted);
    }

    /// <summary>Tells programs, such as one that spreads load over coordinators.</summary>
    private async Task HealthAsync(HttpContext context)
    {
        var health = await Coordinator.CheckHealthAsync(context.RequestAborted).ConfigureAwait(false);
        context.Response.StatusCode = health.IsHealthy ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable;
        context.Response.ContentType = "text/plain";
        context.Response.Headers.CacheControl = "no-store";
        await context.Response.WriteAsync(
            health switch
            {
                { IsHealthy: true } => "ok",
                { IsStoreReachable: false } => "the store does not answer",
                { NamesBehindSince: not null } => "names do not follow their sites",
                _ => "peers are not watched",
            },
            context.RequestAborted).ConfigureAwait(false);
    }

    private static Html Row(string what, bool isGood, Html detail)
    {
        var state = isGood ? Html.Of($"""<span class="state up">good</span>""") : Html.Of($"""<span class="state bad">not now</span>""");
        return Html.Of($"""<tr><td>{what}</td><td>{state}</td><td>{detail}</td></tr>""");
    }

    private static string Since(DateTimeOffset? since, string good, string bad) => since is { } moment ? $"{bad} since {Moment(moment)}; the log says why" : good;
}
