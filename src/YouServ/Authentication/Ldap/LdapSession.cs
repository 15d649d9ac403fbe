using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace P2P.YouServ.Ldap;

/// <summary>Asks a server one thing after the other over one connection.</summary>
internal sealed class LdapSession(Stream stream) : IAsyncDisposable
{
    /// <summary>How much a server may say in one sign-in: it could go on for ever.</summary>
    private const int BytesMax = 4 << 20;

    private Stream _stream = stream;
    private int _lastId;
    private int _bytes;

    /// <summary>Goes on under TLS, with a server that proves to have the host's name.</summary>
    /// <exception cref="System.Security.Authentication.AuthenticationException">It does not.</exception>
    public async ValueTask SecureAsync(string host, X509Certificate2Collection authorities, CancellationToken cancellationToken)
    {
        // Certificates say where more of them may be had: what a stranger says is not fetched.
        var policy = new X509ChainPolicy { RevocationMode = X509RevocationMode.NoCheck, DisableCertificateDownloads = true };
        if (authorities.Count > 0)
        {
            policy.TrustMode = X509ChainTrustMode.CustomRootTrust;
            policy.CustomTrustStore.AddRange(authorities);
        }

        var secured = new SslStream(_stream);
        _stream = secured;
        await secured.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = host, CertificateChainPolicy = policy }, cancellationToken)
            .ConfigureAwait(false);
    }

    /// <summary>Asks for TLS. What the server sends before it begins stays unread, so that the handshake fails on it.</summary>
    public async ValueTask StartTlsAsync(CancellationToken cancellationToken)
    {
        await SendAsync(LdapRequest.StartTls(++_lastId), cancellationToken).ConfigureAwait(false);
        var code = await EndAsync(LdapOperation.Extended, cancellationToken).ConfigureAwait(false);
        if (code != LdapResultCode.Success)
        {
            throw new LdapException($"it declines TLS: {code} ({(int)code})");
        }
    }

    public async ValueTask<LdapResultCode> BindAsync(ReadOnlyMemory<byte> dn, string password, CancellationToken cancellationToken)
    {
        await SendAsync(LdapRequest.Bind(++_lastId, dn.Span, password), cancellationToken).ConfigureAwait(false);
        return await EndAsync(LdapOperation.Bind, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Searches. References to other servers are not followed.</summary>
    /// <returns>At most as many entries as are wanted, and how the search ended: <see cref="LdapResultCode.SizeLimitExceeded"/>, if there were more.</returns>
    public async ValueTask<(List<LdapEntry> Entries, LdapResultCode Code)> SearchAsync(LdapSearch search, CancellationToken cancellationToken)
    {
        await SendAsync(LdapRequest.Search(++_lastId, search), cancellationToken).ConfigureAwait(false);
        var entries = new List<LdapEntry>();
        var areMore = false;
        while (true)
        {
            switch (await ReceiveAsync(cancellationToken).ConfigureAwait(false))
            {
                case LdapResponse.Done(LdapOperation.Search, var code):
                    return (entries, areMore ? LdapResultCode.SizeLimitExceeded : code);
                case LdapResponse.Found(var entry) when entries.Count < search.EntriesMax:
                    entries.Add(entry);
                    break;
                case LdapResponse.Found:
                    areMore = true;
                    break;
                case LdapResponse.Reference:
                    break;
                default:
                    throw new LdapException("it answers a search with something else");
            }
        }
    }

    public ValueTask DisposeAsync() => _stream.DisposeAsync();

    private async ValueTask<LdapResultCode> EndAsync(LdapOperation operation, CancellationToken cancellationToken) =>
        await ReceiveAsync(cancellationToken).ConfigureAwait(false) is LdapResponse.Done done && done.Operation == operation
            ? done.Code
            : throw new LdapException("it answers with something else");

    private async ValueTask SendAsync(byte[] message, CancellationToken cancellationToken)
    {
        await _stream.WriteAsync(message, cancellationToken).ConfigureAwait(false);
        await _stream.FlushAsync(cancellationToken).ConfigureAwait(false);
    }

    private async ValueTask<LdapResponse> ReceiveAsync(CancellationToken cancellationToken)
    {
        // Never more is read than belongs to the message: what follows may have to be TLS.
        var header = new byte[8];
        var read = 0;
        int? length;
        while ((length = LdapResponse.ReadLength(header.AsSpan(0, read))) is null)
        {
            await _stream.ReadExactlyAsync(header.AsMemory(read, 1), cancellationToken).ConfigureAwait(false);
            read++;
        }

        _bytes += length.Value;
        if (_bytes > BytesMax)
        {
            throw new LdapException($"it says more than {BytesMax} bytes");
        }

        var message = new byte[length.Value];
        header.AsSpan(0, read).CopyTo(message);
        await _stream.ReadExactlyAsync(message.AsMemory(read), cancellationToken).ConfigureAwait(false);
        return LdapResponse.Read(message, _lastId);
    }
}
