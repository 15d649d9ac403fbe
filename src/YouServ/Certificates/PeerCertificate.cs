using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using P2P.YouServ.Storage;

namespace P2P.YouServ.Certificates;

/// <summary>
/// Keeps the certificate of a peer with its key, in a file that nobody else may read, and says when it is to be renewed. Each certificate has a key of its own, which never leaves
/// the machine. Handshakes read it while it is replaced.
/// </summary>
internal sealed class PeerCertificate(string path)
{
    private volatile X509Certificate2? _current = Load(path);
    private ECDsa? _nextKey;

    /// <summary>What visitors are shown; null until there is one.</summary>
    public X509Certificate2? Current => _current;

    /// <summary>Whether it is time for a new one: there is none, it is not for all of the hosts, or a third of its life is left.</summary>
    public bool IsDue(IEnumerable<string> hosts, DateTimeOffset now) =>
        _current is not { } current || !hosts.All(host => current.MatchesHostname(host)) || ServerCertificate.IsOld(current, now);

    /// <summary>Makes a request for the next certificate.</summary>
    public byte[] CreateRequest()
    {
        _nextKey?.Dispose();
        _nextKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return new CertificateRequest("CN=A site", _nextKey, HashAlgorithmName.SHA256).CreateSigningRequest();
    }

    /// <summary>Takes what was issued for the last request.</summary>
    /// <exception cref="CryptographicException">It is no certificate, or one for another key.</exception>
    public void Adopt(string pem)
    {
        var key = _nextKey ?? throw new CryptographicException("Nothing was requested.");
        using var bare = X509Certificate2.CreateFromPem(pem);
        using var issued = bare.CopyWithPrivateKey(key);
        OwnerOnlyFile.Write(path, $"{issued.ExportCertificatePem()}\n{key.ExportPkcs8PrivateKeyPem()}\n");
        _current = Load(path); // The one before may be in the hands of a handshake; it goes when nobody has it any more.
        _nextKey = null;
        key.Dispose();
    }

    /// <summary>Reads what was kept; a file that cannot be read is as good as none, since another is to be had.</summary>
    private static X509Certificate2? Load(string path)
    {
        try
        {
            using var read = X509Certificate2.CreateFromPemFile(path);
            return ServerCertificate.Usable(read);
        }
        catch (Exception failure) when (failure is IOException or CryptographicException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
