using System.Globalization;

namespace P2P.YouServ.Http;

/// <summary>Names a site as browsers do.</summary>
internal static class SiteUrl
{
    /// <returns>Scheme, host and, where it is not the scheme's own, port; no slash at the end.</returns>
    public static string Of(string host, SiteLease lease) => (lease.IsSecure, lease.Port) switch
    {
        (true, 443) => $"https://{host}",
        (false, 80) => $"http://{host}",
        var (isSecure, port) => string.Create(CultureInfo.InvariantCulture, $"{(isSecure ? "https" : "http")}://{host}:{port}"),
    };
}
