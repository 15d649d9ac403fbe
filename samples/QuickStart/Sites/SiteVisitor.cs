using System.Net;
using System.Net.Sockets;

namespace QuickStart.Sites;

/// <summary>Is somebody who browses sites by their names and has not signed in: asks the server of DNS where a name is, and then the machine that is there.</summary>
internal sealed class SiteVisitor : IDisposable
{
    private readonly HttpClient _http;

    /// <param name="dns">Where names are asked for.</param>
    public SiteVisitor(IPEndPoint dns) => _http = new HttpClient(new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        UseProxy = false,
        ConnectCallback = async (context, token) =>
        {
            var address = await AddressQuery.AskAsync(dns, context.DnsEndPoint.Host, token);
            var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            try
            {
                await socket.ConnectAsync(address, context.DnsEndPoint.Port, token);
                return new NetworkStream(socket, ownsSocket: true);
            }
            catch
            {
                socket.Dispose();
                throw;
            }
        },
    });

    public async Task<HttpStatusCode> StatusAsync(Uri address, CancellationToken cancellationToken)
    {
        using var response = await _http.GetAsync(address, cancellationToken);
        return response.StatusCode;
    }

    /// <exception cref="HttpRequestException">The site does not give it.</exception>
    public Task<byte[]> ReadAsync(Uri address, CancellationToken cancellationToken) => _http.GetByteArrayAsync(address, cancellationToken);

    public void Dispose() => _http.Dispose();
}
