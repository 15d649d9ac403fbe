using System.Net.Http.Headers;
using P2P.YouSearch.Hosting;
using P2P.YouSearch.Wire;

namespace P2P.YouSearch.Http;

/// <summary>Reaches who holds a vector by HTTP.</summary>
internal sealed class HttpVectorLink : IVectorLink
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    private readonly HttpClient _http;
    private readonly Uri _url;

    public HttpVectorLink(Uri holder, string secret, HttpMessageHandler handler)
    {
        _url = new Uri(holder, RegistrarPaths.Vectors);
        _http = new HttpClient(handler) { Timeout = Patience, MaxResponseContentBufferSize = VectorReply.LengthMax };
        _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", secret);
    }

    public async ValueTask<VectorReply?> CallAsync(VectorRequest request, CancellationToken cancellationToken)
    {
        using var content = new ByteArrayContent(request.ToBytes());
        content.Headers.ContentType = new(RegistrarPaths.BinaryType);
        try
        {
            using var response = await _http.PostAsync(_url, content, cancellationToken).ConfigureAwait(false);
            var bytes = response.IsSuccessStatusCode ? await response.Content.ReadAsByteArrayAsync(cancellationToken).ConfigureAwait(false) : [];
            return VectorReply.TryRead(bytes, out var reply) ? reply : null;
        }
        catch (Exception failure) when (failure is HttpRequestException or IOException or OperationCanceledException)
        {
            return null;
        }
    }

    public void Dispose() => _http.Dispose();
}
