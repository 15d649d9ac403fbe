using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using P2P.YouServ.Wire;

namespace P2P.YouServ.Hosting;

/// <summary>
/// Connects to peers by HTTP. What it sends is fixed but for a random challenge; of what comes back it reads no more than a right answer has, and follows nothing.
/// </summary>
internal sealed class HttpPeerProbe : IPeerProbe, IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(4);
    private static readonly HttpRequestOptionsKey<IPEndPoint> EndPoint = new("youserv.endpoint");

    private readonly HttpMessageInvoker _http = new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        UseCookies = false,
        UseProxy = false,
        PooledConnectionLifetime = TimeSpan.Zero, // Each time as a visitor who comes for the first time.
        MaxResponseHeadersLength = 8,
        MaxResponseDrainSize = 0,
        ConnectCallback = ConnectAsync,
        // Who answers is proven by the answer, whatever its certificate.
#pragma warning disable CA5359
        SslOptions = { RemoteCertificateValidationCallback = static (_, _, _, _) => true },
#pragma warning restore CA5359
    });

    public async ValueTask<bool> IsReachableAsync(
        string host, IPAddress address, int port, bool isSecure, string tokenHash, CancellationToken cancellationToken)
    {
        var challenge = ReachProof.CreateChallenge();
        using var request = new HttpRequestMessage(
            HttpMethod.Get, new UriBuilder(isSecure ? "https" : "http", host, port, ReachProof.Path, $"?challenge={challenge}").Uri);
        request.Options.Set(EndPoint, new IPEndPoint(address, port));
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(Patience);
        try
        {
            using var response = await _http.SendAsync(request, patience.Token).ConfigureAwait(false);
            var expected = ReachProof.Answer(tokenHash, host, challenge);
            var answer = new byte[expected.Length];
            var stream = await response.Content.ReadAsStreamAsync(patience.Token).ConfigureAwait(false);
            await using (stream.ConfigureAwait(false))
            {
                var length = await stream.ReadAtLeastAsync(answer, answer.Length, throwOnEndOfStream: false, patience.Token).ConfigureAwait(false);
                return length == answer.Length && CryptographicOperations.FixedTimeEquals(answer, Encoding.ASCII.GetBytes(expected));
            }
        }
        catch (Exception failure) when (failure is HttpRequestException or IOException || (failure is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return false;
        }
    }

    public void Dispose() => _http.Dispose();

    private static async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        context.InitialRequestMessage.Options.TryGetValue(EndPoint, out var endPoint);
        var socket = new Socket(endPoint!.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(endPoint, cancellationToken).ConfigureAwait(false);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
