using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using P2P.YouSearch.Protocol;
using P2P.YouSearch.Wire;
using P2P.YouServ;

namespace P2P.YouSearch.Http;

/// <summary>Reaches registrars beside coordinators by HTTP: the one that answered last, and the next where that one is silent.</summary>
internal sealed class HttpRegistrar : IRegistrar, IDisposable
{
    // So many candidates as registrars name, with long names.
    private const int AnswerLengthMax = 4 * 1024 * 1024;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    /// <summary>How long one coordinator is waited for where there is another: searches have seconds.</summary>
    private static readonly TimeSpan PatienceBeforeNext = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan RefreshMin = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan RefreshMax = TimeSpan.FromDays(1);

    private readonly IReadOnlyList<Uri> _coordinators;
    private readonly Func<ReadOnlyMemory<byte>, CancellationToken, ValueTask<string?>> _prove;
    private readonly HttpClient _http;
    private int _current;
    private volatile int _parts = 1;

    /// <param name="coordinators">Where the coordinators are, beside which the registrars live.</param>
    /// <param name="handler">What calls go through; disposed of with this.</param>
    /// <param name="prove">Proves on whose behalf something is said to the coordinator; gives null where nobody has signed in.</param>
    public HttpRegistrar(IReadOnlyList<Uri> coordinators, HttpMessageHandler handler, Func<ReadOnlyMemory<byte>, CancellationToken, ValueTask<string?>> prove)
    {
        _coordinators = coordinators;
        _prove = prove;
        _http = new HttpClient(handler) { Timeout = Patience, MaxResponseContentBufferSize = AnswerLengthMax };
    }

    public async ValueTask<RegistrationResult> RegisterAsync(SiteRegistration registration, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(registration);
        var reply = await RegisterOnceAsync(registration, cancellationToken).ConfigureAwait(false);
        if (!reply.IsKnown && reply.Parts != _parts && reply.Parts is 1 or SummaryFilter.Vectors)
        {
            // The changes may be known as soon as they come in the parts that are wanted.
            _parts = reply.Parts;
            reply = await RegisterOnceAsync(registration, cancellationToken).ConfigureAwait(false);
        }

        var seconds = double.IsFinite(reply.RefreshSeconds) ? Math.Clamp(reply.RefreshSeconds, RefreshMin.TotalSeconds, RefreshMax.TotalSeconds) : RefreshMin.TotalSeconds;
        return new(reply.IsKnown, TimeSpan.FromSeconds(seconds));
    }

    public async ValueTask<CandidateList> FindAsync(CandidateQuery query, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(query);
        var reply = await CallAsync(RegistrarPaths.Find, Json(CandidateWish.Of(query), RegistrarJson.Default.CandidateWish), "application/json", RegistrarJson.Default.CandidatesReply, cancellationToken).ConfigureAwait(false);
        try
        {
            return reply!.Read();
        }
        catch (FormatException failure)
        {
            throw new YouSearchException($"The registrar at {_coordinators[_current]} names a site that is none.", failure);
        }
    }

    public async ValueTask<IReadOnlyList<Candidate>> ReportSilentAsync(IReadOnlyList<SiteName> sites, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(sites);
        var report = new SilentReport([.. sites.Take(RegistrarBounds.ReportedMax).Select(site => site.Value)]);
        var reply = await CallAsync(RegistrarPaths.Silent, Json(report, RegistrarJson.Default.SilentReport), "application/json", RegistrarJson.Default.CopiesReply, cancellationToken).ConfigureAwait(false);
        try
        {
            return [.. reply!.Copies.Select(view => view.Read())];
        }
        catch (FormatException failure)
        {
            throw new YouSearchException($"The registrar at {_coordinators[_current]} names a site that is none.", failure);
        }
    }

    public async ValueTask OfferCachedAsync(string key, long sequence, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(key);
        await TellAsync(RegistrarPaths.Cached, Json(new CachedOffer(key, sequence), RegistrarJson.Default.CachedOffer), cancellationToken).ConfigureAwait(false);
    }

    public void Dispose() => _http.Dispose();

    private static byte[] Json<T>(T body, JsonTypeInfo<T> type) => JsonSerializer.SerializeToUtf8Bytes(body, type);

    private async ValueTask<RegistrationReply> RegisterOnceAsync(SiteRegistration registration, CancellationToken cancellationToken)
    {
        var body = RegistrationFormat.Write(RegistrationNews.Of(registration, _parts));
        return (await CallAsync(RegistrarPaths.Register, body, RegistrarPaths.BinaryType, RegistrarJson.Default.RegistrationReply, cancellationToken).ConfigureAwait(false))!;
    }

    private async ValueTask TellAsync(string path, byte[] body, CancellationToken cancellationToken) =>
        await CallAsync<RegistrationReply>(path, body, "application/json", replyType: null, cancellationToken).ConfigureAwait(false);

    private async ValueTask<T?> CallAsync<T>(string path, byte[] body, string contentType, JsonTypeInfo<T>? replyType, CancellationToken cancellationToken)
        where T : class
    {
        var proof = await _prove(RegistrarPaths.ProvenOf(path, body), cancellationToken).ConfigureAwait(false);
        Exception? silence = null;
        for (var attempt = 0; attempt < _coordinators.Count; attempt++)
        {
            var current = _current;
            using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            end.CancelAfter(attempt < _coordinators.Count - 1 ? PatienceBeforeNext : Patience);
            try
            {
                return await AskAsync(_coordinators[current], path, body, contentType, proof, replyType, end.Token).ConfigureAwait(false);
            }
            catch (Exception failure) when (failure is HttpRequestException or JsonException or IOException || (failure is OperationCanceledException && !cancellationToken.IsCancellationRequested))
            {
                silence = failure;
                Interlocked.CompareExchange(ref _current, (current + 1) % _coordinators.Count, current);
            }
        }

        throw new YouSearchException(_coordinators.Count == 0 ? "No coordinator is named." : $"No registrar answers: {silence!.Message}", silence!);
    }

    /// <summary>Asks one registrar. What is no answer of a registrar's is thrown as an exception of HTTP.</summary>
    private async ValueTask<T?> AskAsync<T>(
        Uri coordinator, string path, byte[] body, string contentType, string? proof, JsonTypeInfo<T>? replyType, CancellationToken cancellationToken)
        where T : class
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(coordinator, path)) { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = new(contentType);
        request.Headers.Authorization = proof is null ? null : new AuthenticationHeaderValue(RegistrarPaths.ProofScheme, proof);
        using var response = await _http.SendAsync(request, cancellationToken).ConfigureAwait(false);
        var answer = await response.Content.ReadAsByteArrayAsync(cancellationToken).ConfigureAwait(false);
        if (response.IsSuccessStatusCode)
        {
            return replyType is null ? null : JsonSerializer.Deserialize(answer, replyType) ?? throw new JsonException($"{coordinator} answers with nothing.");
        }

        if (response.Content.Headers.ContentType?.MediaType != "application/problem+json" || response.StatusCode == HttpStatusCode.ServiceUnavailable)
        {
            throw new HttpRequestException($"{coordinator} answers with {(int)response.StatusCode}, as no registrar does.");
        }

        throw new YouSearchException(JsonSerializer.Deserialize(answer, RegistrarJson.Default.RegistrarProblem)?.Detail ?? "The registrar refuses, and does not say why.");
    }
}
