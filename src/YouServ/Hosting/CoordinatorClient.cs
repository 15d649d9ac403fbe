using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using P2P.YouServ.Wire;

namespace P2P.YouServ.Hosting;

/// <summary>Talks to coordinators for a peer: to the one that answered last, and to the next where that one does not.</summary>
internal sealed class CoordinatorClient : IDisposable
{
    private const int AnswerLengthMax = 1024 * 1024;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    private readonly IReadOnlyList<Uri> _coordinators;
    private readonly HttpClient _http;
    private int _current;

    public CoordinatorClient(IReadOnlyList<Uri> coordinators, HttpMessageHandler handler)
    {
        _coordinators = coordinators;
        _http = new HttpClient(handler)
        {
            Timeout = Patience,
            MaxResponseContentBufferSize = AnswerLengthMax,
        };
    }

    /// <summary>Makes what calls go through.</summary>
    /// <param name="authorities">Whom to believe; empty for those whom the system trusts.</param>
    public static SocketsHttpHandler NewHandler(X509Certificate2Collection authorities)
    {
        var handler = new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, PooledConnectionIdleTimeout = TimeSpan.FromMinutes(2) };
        if (authorities.Count > 0)
        {
            handler.SslOptions.CertificateChainPolicy = new() { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
            handler.SslOptions.CertificateChainPolicy.CustomTrustStore.AddRange(authorities);
        }

        return handler;
    }

    /// <summary>The coordinator that answered last.</summary>
    public Uri Current => _coordinators[_current];

    public Task<CoordinatorAnswer<About>> GetAboutAsync(CancellationToken cancellationToken) =>
        CallAsync(() => new HttpRequestMessage(HttpMethod.Get, ""), "about", WireJson.Default.About, cancellationToken);

    /// <summary>Calls a coordinator.</summary>
    /// <typeparam name="TRequest">What is said.</typeparam>
    /// <typeparam name="TReply">What is answered.</typeparam>
    /// <param name="path">Below <c>/api/v1/</c>.</param>
    /// <param name="token">What proves who calls; null where nothing does yet.</param>
    /// <param name="request">What is said.</param>
    /// <param name="requestType">How it is written.</param>
    /// <param name="replyType">How the answer is read.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    public Task<CoordinatorAnswer<TReply>> PostAsync<TRequest, TReply>(
        string path, string? token, TRequest request, JsonTypeInfo<TRequest> requestType, JsonTypeInfo<TReply> replyType, CancellationToken cancellationToken)
        where TReply : class =>
        CallAsync(
            () =>
            {
                var message = new HttpRequestMessage(HttpMethod.Post, "") { Content = JsonContent.Create(request, requestType) };
                message.Headers.Authorization = token is null ? null : new AuthenticationHeaderValue("Bearer", token);
                return message;
            },
            path,
            replyType,
            cancellationToken);

    public void Dispose() => _http.Dispose();

    private async Task<CoordinatorAnswer<T>> CallAsync<T>(Func<HttpRequestMessage> create, string path, JsonTypeInfo<T> type, CancellationToken cancellationToken)
        where T : class
    {
        var answer = CoordinatorAnswer<T>.Silent("No coordinator is named.");
        for (var attempt = 0; attempt < _coordinators.Count; attempt++)
        {
            answer = await AskAsync(create, path, type, cancellationToken).ConfigureAwait(false);
            if (!answer.IsSilent)
            {
                return answer;
            }

            _current = (_current + 1) % _coordinators.Count;
        }

        return answer;
    }

    private async Task<CoordinatorAnswer<T>> AskAsync<T>(Func<HttpRequestMessage> create, string path, JsonTypeInfo<T> type, CancellationToken cancellationToken)
        where T : class
    {
        using var request = create();
        request.RequestUri = new Uri(Current, $"/api/v1/{path}");
        try
        {
            using var response = await _http.SendAsync(request, cancellationToken).ConfigureAwait(false);
            if (response.StatusCode == HttpStatusCode.NoContent)
            {
                return CoordinatorAnswer<T>.Done(null);
            }

            if (response.IsSuccessStatusCode)
            {
                return CoordinatorAnswer<T>.Done(await response.Content.ReadFromJsonAsync(type, cancellationToken).ConfigureAwait(false));
            }

            var problem = response.Content.Headers.ContentType?.MediaType == "application/problem+json"
                ? await response.Content.ReadFromJsonAsync(WireJson.Default.Problem, cancellationToken).ConfigureAwait(false)
                : null;
            return (int)response.StatusCode >= 500 || problem is null
                ? CoordinatorAnswer<T>.Silent(problem?.Detail ?? $"{Current} answers with {(int)response.StatusCode}, as no coordinator does.")
                : CoordinatorAnswer<T>.Refused(problem);
        }
        catch (Exception failure) when (failure is HttpRequestException or JsonException or IOException || (failure is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return CoordinatorAnswer<T>.Silent($"The coordinator {Current} does not answer: {failure.Message}");
        }
    }
}
