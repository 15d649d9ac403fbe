using System.Buffers.Binary;
using System.Globalization;
using System.IO.Pipelines;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using P2P.YouServ.Http;
using P2P.YouServ.Protocol;
using P2P.YouServ.Wire;

namespace P2P.YouServ.Hosting;

/// <summary>
/// Asks the owner's peer for what a copy lacks. What it answers may be anything: lengths are bounded here, and whoever asks checks digests.
/// </summary>
/// <remarks>Throws <see cref="HttpRequestException"/>, <see cref="IOException"/> or <see cref="InvalidDataException"/> where the owner's peer is away, refuses, or says what it must not.</remarks>
internal sealed class SyncClient : IDisposable
{
    private const int RulesLengthMax = 64 << 20;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly HttpClient _http;
    private readonly Uri _base;

    /// <param name="host">The site's host.</param>
    /// <param name="source">Where its peer is.</param>
    /// <param name="authorities">Whom to believe beside those whom the system trusts.</param>
    public SyncClient(string host, SourceView source, X509Certificate2Collection authorities)
    {
        _base = new UriBuilder(source.IsSecure ? "https" : "http", host, source.Port, OwnPaths.Prefix + SyncPaths.Prefix).Uri;
        _http = new HttpClient(new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            UseProxy = false,
            ConnectTimeout = Patience,
            ConnectCallback = (context, cancellationToken) => ConnectAsync(source, context.DnsEndPoint.Port, cancellationToken),
            SslOptions = { RemoteCertificateValidationCallback = (_, certificate, _, errors) => PeerTrust.IsTrusted(authorities, certificate, errors) },
        })
        {
            Timeout = Timeout.InfiniteTimeSpan,
            MaxResponseContentBufferSize = RulesLengthMax,
        };
        _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", source.Pass);
    }

    /// <summary>Asks for the state; the answer comes once it is another than the one that is known, or after a while.</summary>
    public async Task<SiteState> WaitAsync(SiteState? known, TimeSpan wait, CancellationToken cancellationToken)
    {
        var path = string.Create(CultureInfo.InvariantCulture, $"state?files={known?.Files}&rules={known?.Rules}&wait={wait.TotalSeconds}");
        using var limit = Limit(wait + Patience, cancellationToken);
        return await TimelyAsync(async () => await _http.GetFromJsonAsync(new Uri(_base, path), WireJson.Default.SiteState, limit.Token).ConfigureAwait(false), cancellationToken).ConfigureAwait(false)
            ?? throw new InvalidDataException("The owner's peer names no state.");
    }

    /// <summary>Asks for the rules.</summary>
    /// <returns>They, and the digest of what was sent: a later release may have sent more than this one understands.</returns>
    public async Task<(SharedRules Rules, ContentDigest Digest)> GetRulesAsync(CancellationToken cancellationToken)
    {
        using var limit = Limit(Patience, cancellationToken);
        var bytes = await TimelyAsync(() => _http.GetByteArrayAsync(new Uri(_base, "rules"), limit.Token), cancellationToken).ConfigureAwait(false);
        var rules = await TimelyAsync(() => Task.FromResult(JsonSerializer.Deserialize(bytes, WireJson.Default.SharedRules)), cancellationToken).ConfigureAwait(false);
        return (rules ?? throw new InvalidDataException("The owner's peer names no rules."), ContentDigest.Of(bytes));
    }

    /// <summary>Asks what is in a folder.</summary>
    /// <returns>It; null if there is no such folder any more.</returns>
    public Task<List<TreeEntry>?> GetFolderAsync(SitePath path, CancellationToken cancellationToken) =>
        ReadAsync<List<TreeEntry>?>(HttpMethod.Get, $"folder?path={Uri.EscapeDataString(path.Value)}", null, async (body, token) => await FolderFormat.ReadAsync(body, token).ConfigureAwait(false), cancellationToken);

    /// <summary>Asks for the digests of a file's blocks.</summary>
    /// <returns>They; null if the file has another digest by now.</returns>
    public Task<ContentDigest[]?> GetBlocksAsync(SitePath path, TreeEntry file, CancellationToken cancellationToken) =>
        ReadAsync(HttpMethod.Get, $"blocks?path={Uri.EscapeDataString(path.Value)}&digest={file.Digest}", null, async (body, token) =>
        {
            var blocks = new ContentDigest[Blocks.Count(file.Length)];
            var bytes = new byte[ContentDigest.Length];
            for (var i = 0; i < blocks.Length; i++)
            {
                await FillAsync(body, bytes, token).ConfigureAwait(false);
                blocks[i] = ContentDigest.Read(bytes);
            }

            return ContentDigest.OfBlocks(blocks) == file.Digest ? blocks : null;
        }, cancellationToken);

    /// <summary>Asks for a part of a file.</summary>
    /// <returns>Whether there was as much of it.</returns>
    public Task<bool> FillAsync(SitePath path, long from, Memory<byte> bytes, CancellationToken cancellationToken) => ReadAsync(
        HttpMethod.Get,
        string.Create(CultureInfo.InvariantCulture, $"file?path={Uri.EscapeDataString(path.Value)}&from={from}&length={bytes.Length}"),
        null,
        async (body, token) =>
        {
            await FillAsync(body, bytes, token).ConfigureAwait(false);
            return true;
        },
        cancellationToken);

    /// <summary>Asks for small files.</summary>
    /// <param name="paths">At most <see cref="SyncPaths.FilesTogether"/>.</param>
    /// <param name="take">Is given the number of a file and its content; null where it is gone, or is no small file any more.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public Task<bool> GetFilesAsync(IReadOnlyList<SitePath> paths, Func<int, ReadOnlyMemory<byte>?, ValueTask> take, CancellationToken cancellationToken) => ReadAsync(
        HttpMethod.Post,
        "files",
        () => JsonContent.Create([.. paths.Select(path => path.Value)], WireJson.Default.StringArray),
        async (body, token) =>
        {
            var buffer = new byte[Blocks.Length + 1];
            for (var i = 0; i < paths.Count; i++)
            {
                await FillAsync(body, buffer.AsMemory(0, sizeof(long)), token).ConfigureAwait(false);
                var length = BinaryPrimitives.ReadInt64BigEndian(buffer);
                if (length > buffer.Length || length < -1)
                {
                    throw new InvalidDataException("The owner's peer sends a small file that is none.");
                }

                await FillAsync(body, buffer.AsMemory(0, (int)Math.Max(length, 0)), token).ConfigureAwait(false);
                await take(i, length < 0 || length > Blocks.Length ? null : buffer.AsMemory(0, (int)length)).ConfigureAwait(false);
            }

            return true;
        },
        cancellationToken);

    public void Dispose() => _http.Dispose();

    /// <summary>Asks, and reads the answer as it comes; a pause of half a minute ends it.</summary>
    private async Task<T?> ReadAsync<T>(HttpMethod method, string path, Func<HttpContent>? content, Func<PipeReader, CancellationToken, Task<T>> read, CancellationToken cancellationToken)
    {
        using var limit = Limit(Patience, cancellationToken);
        return await TimelyAsync(
            async () =>
            {
                using var request = new HttpRequestMessage(method, new Uri(_base, path)) { Content = content?.Invoke() };
                using var response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, limit.Token).ConfigureAwait(false);
                if (response.StatusCode == HttpStatusCode.NotFound)
                {
                    return default;
                }

                response.EnsureSuccessStatusCode();
                var stream = await response.Content.ReadAsStreamAsync(limit.Token).ConfigureAwait(false);
                await using (stream.ConfigureAwait(false))
                {
                    var body = PipeReader.Create(new PatientStream(stream, limit, Patience), new StreamPipeReaderOptions(bufferSize: 64 << 10));
                    var result = await read(body, limit.Token).ConfigureAwait(false);
                    await body.CompleteAsync().ConfigureAwait(false);
                    return result;
                }
            },
            cancellationToken).ConfigureAwait(false);
    }

    private static async ValueTask FillAsync(PipeReader body, Memory<byte> bytes, CancellationToken cancellationToken)
    {
        while (bytes.Length > 0)
        {
            var read = await body.ReadAsync(cancellationToken).ConfigureAwait(false);
            var part = read.Buffer.Slice(0, Math.Min(bytes.Length, read.Buffer.Length));
            var target = bytes;
            foreach (var segment in part)
            {
                segment.CopyTo(target);
                target = target[segment.Length..];
            }

            bytes = target;
            body.AdvanceTo(part.End);
            if (read.IsCompleted && part.IsEmpty && bytes.Length > 0)
            {
                throw new EndOfStreamException("The owner's peer has ended its answer too early.");
            }
        }
    }

    private static CancellationTokenSource Limit(TimeSpan span, CancellationToken cancellationToken)
    {
        var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(span);
        return limit;
    }

    private static async Task<T> TimelyAsync<T>(Func<Task<T>> work, CancellationToken cancellationToken)
    {
        try
        {
            return await work().ConfigureAwait(false);
        }
        catch (OperationCanceledException failure) when (!cancellationToken.IsCancellationRequested)
        {
            throw new IOException("The owner's peer does not answer.", failure);
        }
        catch (JsonException failure)
        {
            throw new InvalidDataException("The owner's peer says what it must not.", failure);
        }
    }

    private static async ValueTask<Stream> ConnectAsync(SourceView source, int port, CancellationToken cancellationToken)
    {
        var addresses = source.Addresses.Select(text => IPAddress.TryParse(text, out var address) ? address : null).OfType<IPAddress>().ToArray();
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(addresses, port, cancellationToken).ConfigureAwait(false);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
