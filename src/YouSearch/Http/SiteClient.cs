using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using P2P.YouSearch.Wire;
using P2P.YouServ;

namespace P2P.YouSearch.Http;

/// <summary>Asks other peers. What they answer may be anything: lengths are bounded here, and <see cref="ReplyCheck"/> looks at what it says.</summary>
internal sealed class SiteClient(HttpMessageHandler handler) : IDisposable
{
    /// <summary>Below this every peer that searches answers.</summary>
    public const string Prefix = "/.search";

    public const string AnswerPath = Prefix + "/v1/answer";
    public const string CachedPath = Prefix + "/v1/cached";

    /// <summary>In this header a proof comes: of the asker with a question, of the site with an answer.</summary>
    public const string ProofHeader = "YouSearch-Proof";

    private readonly HttpMessageInvoker _http = new(handler);

    /// <summary>Names for whom an answer is signed: those of the same rights who ask the same.</summary>
    public static string AudienceOf(string key, string rights) => $"youserv search {key}\n{rights}";

    /// <summary>Asks a site.</summary>
    /// <returns>What it answers, and what signs it; null where it answers with something else.</returns>
    public async Task<(SearchReply Reply, SignedReply? Signed)?> AskAsync(Candidate site, SearchRequest request, UserProver? prover, CancellationToken cancellationToken)
    {
        var (body, proof) = await PostAsync(site, AnswerPath, request, SearchJson.Default.SearchRequest, prover, ReplyLimits.LengthMax, cancellationToken).ConfigureAwait(false);
        return body is not null && TryRead(body, SearchJson.Default.SearchReply) is { } reply ? (reply, proof is null ? null : new SignedReply { Body = Encoding.UTF8.GetString(body), Proof = proof }) : null;
    }

    /// <summary>Asks a peer for what it has gathered.</summary>
    /// <returns>It; null where there is nothing.</returns>
    public async Task<CachedReply?> AskCachedAsync(Candidate site, string key, UserProver prover, CancellationToken cancellationToken)
    {
        var (body, _) = await PostAsync(site, CachedPath, new CachedRequest { Key = key }, SearchJson.Default.CachedRequest, prover, ReplyLimits.CachedLengthMax, cancellationToken).ConfigureAwait(false);
        return body is null ? null : TryRead(body, SearchJson.Default.CachedReply);
    }

    public void Dispose() => _http.Dispose();

    private async Task<(byte[]? Body, string? Proof)> PostAsync<T>(
        Candidate site, string path, T message, JsonTypeInfo<T> type, UserProver? prover, int lengthMax, CancellationToken cancellationToken)
    {
        var body = JsonSerializer.SerializeToUtf8Bytes(message, type);
        using var request = SiteAddresses.CreateRequest(HttpMethod.Post, new Uri(site.Url!, path), site.Addresses);
        request.Content = new ByteArrayContent(body);
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        if (prover is not null)
        {
            request.Headers.Add(ProofHeader, prover.Prove(site.Url!.Host, body));
        }

        using var response = await _http.SendAsync(request, cancellationToken).ConfigureAwait(false);
        if (!response.IsSuccessStatusCode || response.Content.Headers.ContentLength > lengthMax)
        {
            return default;
        }

        var content = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        await using (content.ConfigureAwait(false))
        {
            var answer = await ReadAsync(content, lengthMax, cancellationToken).ConfigureAwait(false);
            return (answer, response.Headers.TryGetValues(ProofHeader, out var proofs) ? proofs.First() : null);
        }
    }

    /// <returns>All of it; null if it is longer than it may be.</returns>
    private static async Task<byte[]?> ReadAsync(Stream content, int lengthMax, CancellationToken cancellationToken)
    {
        using var memory = new MemoryStream();
        var buffer = new byte[16 * 1024];
        for (int read; (read = await content.ReadAsync(buffer, cancellationToken).ConfigureAwait(false)) > 0;)
        {
            if (memory.Length + read > lengthMax)
            {
                return null;
            }

            memory.Write(buffer, 0, read);
        }

        return memory.ToArray();
    }

    private static T? TryRead<T>(byte[] body, JsonTypeInfo<T> type)
        where T : class
    {
        try
        {
            return JsonSerializer.Deserialize(body, type);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
