using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;

namespace YouServ.Tests.Sites;

/// <summary>
/// Does what browsers do with cookies, redirects and origins, and nothing else: cookies go to the host that set them, a name with <c>__Host-</c> must be secure and for the
/// whole host, and requests that a page makes carry its origin. Names are looked up where the test says.
/// </summary>
internal sealed class Browser : IDisposable
{
    private const int RedirectsMax = 10;

    private readonly Dictionary<string, Dictionary<string, string>> _cookies = new(StringComparer.OrdinalIgnoreCase);
    private readonly HttpMessageInvoker _http;

    /// <param name="resolve">Where a host is.</param>
    /// <param name="trust">Whom to believe by HTTPS; null for whom the system trusts.</param>
    public Browser(Func<string, IPAddress> resolve, X509ChainPolicy? trust = null) => _http = new(new SocketsHttpHandler
    {
        SslOptions = { CertificateChainPolicy = trust },
        AllowAutoRedirect = false,
        UseCookies = false,
        UseProxy = false,
        ConnectCallback = async (context, cancellationToken) =>
        {
            var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
            await socket.ConnectAsync(resolve(context.DnsEndPoint.Host), context.DnsEndPoint.Port, cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        },
    });

    /// <summary>Where the last page came from.</summary>
    public Uri Location { get; private set; } = new("about:blank");

    public IReadOnlyDictionary<string, string> CookiesOf(string host) => _cookies.GetValueOrDefault(host, []);

    public void SetCookie(string host, string name, string value)
    {
        _cookies.TryAdd(host, []);
        _cookies[host][name] = value;
    }

    public Task<Page> GetAsync(string url, bool follow = true) => NavigateAsync(() => Message(HttpMethod.Get, new Uri(url)), follow);

    /// <summary>Sends a form of a page of the same host.</summary>
    public Task<Page> PostAsync(string url, params (string Name, string Value)[] fields) =>
        NavigateAsync(() => Message(HttpMethod.Post, new Uri(url), new FormUrlEncodedContent(fields.Select(field => KeyValuePair.Create(field.Name, field.Value)))), follow: true);

    /// <summary>Sends what a script of a page sends.</summary>
    public Task<Page> SendAsync(HttpMethod method, string url, HttpContent? content = null, string? origin = null) =>
        NavigateAsync(() => Message(method, new Uri(url), content, origin), follow: false);

    public void Dispose() => _http.Dispose();

    private async Task<Page> NavigateAsync(Func<HttpRequestMessage> first, bool follow)
    {
        using var request = first();
        var page = await SendAsync(request);
        for (var i = 0; follow && page.Redirect is { } target; i++)
        {
            Assert.InRange(i, 0, RedirectsMax);
            using var next = Message(HttpMethod.Get, target);
            page = await SendAsync(next);
        }

        return page;
    }

    private HttpRequestMessage Message(HttpMethod method, Uri url, HttpContent? content = null, string? origin = null)
    {
        var message = new HttpRequestMessage(method, url) { Content = content };
        message.Headers.Add("Accept", method == HttpMethod.Get && content is null ? "text/html,*/*;q=0.8" : "*/*");
        if (method != HttpMethod.Get)
        {
            message.Headers.Add("Origin", origin ?? url.GetLeftPart(UriPartial.Authority));
        }

        return message;
    }

    private async Task<Page> SendAsync(HttpRequestMessage request)
    {
        var host = request.RequestUri!.Host;
        if (_cookies.TryGetValue(host, out var cookies) && cookies.Count > 0)
        {
            request.Headers.Add("Cookie", string.Join("; ", cookies.Select(cookie => $"{cookie.Key}={cookie.Value}")));
        }

        using var response = await _http.SendAsync(request, CancellationToken.None);
        Location = request.RequestUri;
        foreach (var line in response.Headers.TryGetValues("Set-Cookie", out var lines) ? lines : [])
        {
            Keep(host, line);
        }

        var isFollowed = response.StatusCode == HttpStatusCode.SeeOther || (response.StatusCode == HttpStatusCode.TemporaryRedirect && request.Method == HttpMethod.Get);
        var redirect = isFollowed ? new Uri(request.RequestUri, response.Headers.Location!) : null;
        return new(response.StatusCode, redirect, await response.Content.ReadAsStringAsync(), response.Headers, response.Content.Headers);
    }

    private void Keep(string host, string line)
    {
        var parts = line.Split(';', StringSplitOptions.TrimEntries);
        var (name, value) = (parts[0][..parts[0].IndexOf('=', StringComparison.Ordinal)], parts[0][(parts[0].IndexOf('=', StringComparison.Ordinal) + 1)..]);
        var attributes = parts[1..].Select(part => part.ToLowerInvariant()).ToArray();
        Assert.DoesNotContain(attributes, attribute => attribute.StartsWith("domain", StringComparison.Ordinal));
        Assert.Contains("httponly", attributes);
        Assert.Contains("samesite=lax", attributes);
        if (name.StartsWith("__Host-", StringComparison.Ordinal))
        {
            Assert.Contains("secure", attributes);
            Assert.Contains("path=/", attributes);
        }

        _cookies.TryAdd(host, []);
        _ = attributes.Contains("max-age=0") ? _cookies[host].Remove(name) : (_cookies[host][name] = value) is { };
    }
}
