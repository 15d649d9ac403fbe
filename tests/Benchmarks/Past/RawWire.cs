using System.Buffers.Binary;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Benchmarks.Past;

/// <summary>Is one TLS connection over loopback, whose other end takes so many bytes and gives so many back.</summary>
internal sealed class RawWire : IAsyncDisposable
{
    private const int HeaderLength = 8;

    /// <summary>What is not longer leaves together with its header.</summary>
    private const int OneWriteMax = 16 * 1024;

    private readonly SslStream _near;
    private readonly SslStream _far;
    private readonly Task _serving;

    private RawWire(SslStream near, SslStream far)
    {
        _near = near;
        _far = far;
        _serving = Task.Run(ServeAsync);
    }

    /// <summary>Makes a certificate for <see cref="ConnectAsync"/>.</summary>
    public static X509Certificate2 CreateCertificate()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=raw", key, HashAlgorithmName.SHA256);
        return request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
    }

    public static async Task<RawWire> ConnectAsync(X509Certificate2 certificate)
    {
        using var server = new TcpListener(IPAddress.Loopback, 0);
        server.Start();
        var dialed = new TcpClient { NoDelay = true };
        var accepting = server.AcceptTcpClientAsync();
        await dialed.ConnectAsync((IPEndPoint)server.LocalEndpoint);
        var accepted = await accepting;
        accepted.NoDelay = true;
        var near = new SslStream(dialed.GetStream());
        var far = new SslStream(accepted.GetStream());
        await Task.WhenAll(
            far.AuthenticateAsServerAsync(new SslServerAuthenticationOptions { ServerCertificate = certificate, EnabledSslProtocols = SslProtocols.Tls13 }),
            near.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = "raw", RemoteCertificateValidationCallback = (_, presented, _, _) => presented!.GetRawCertData().AsSpan().SequenceEqual(certificate.RawDataMemory.Span) }));
        return new RawWire(near, far);
    }

    /// <summary>Sends bytes, and reads so many that come back.</summary>
    /// <param name="sent">The bytes.</param>
    /// <param name="length">How many come back.</param>
    /// <param name="piece">Is filled again and again with what comes back.</param>
    /// <param name="take">Sees each piece.</param>
    public async Task ExchangeAsync(ReadOnlyMemory<byte> sent, int length, Memory<byte> piece, Action<ReadOnlyMemory<byte>>? take = null)
    {
        var isShort = sent.Length <= OneWriteMax;
        var message = new byte[HeaderLength + (isShort ? sent.Length : 0)];
        BinaryPrimitives.WriteInt32LittleEndian(message, sent.Length);
        BinaryPrimitives.WriteInt32LittleEndian(message.AsSpan(4), length);
        if (isShort)
        {
            sent.CopyTo(message.AsMemory(HeaderLength));
        }

        await _near.WriteAsync(message);
        if (!isShort)
        {
            await _near.WriteAsync(sent);
        }

        for (var left = length; left > 0;)
        {
            var next = piece[..Math.Min(left, piece.Length)];
            await _near.ReadExactlyAsync(next);
            take?.Invoke(next);
            left -= next.Length;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _near.DisposeAsync();
        await _serving;
        await _far.DisposeAsync();
    }

    private async Task ServeAsync()
    {
        var bytes = new byte[1 << 18];
        try
        {
            while (true)
            {
                await _far.ReadExactlyAsync(bytes.AsMemory(0, HeaderLength));
                var taken = BinaryPrimitives.ReadInt32LittleEndian(bytes);
                var given = BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(4));
                for (; taken > 0; taken -= Math.Min(taken, bytes.Length))
                {
                    await _far.ReadExactlyAsync(bytes.AsMemory(0, Math.Min(taken, bytes.Length)));
                }

                for (; given > 0; given -= Math.Min(given, bytes.Length))
                {
                    await _far.WriteAsync(bytes.AsMemory(0, Math.Min(given, bytes.Length)));
                }
            }
        }
        catch (Exception exception) when (exception is IOException or ObjectDisposedException)
        {
            // The near end has been closed.
        }
    }
}
