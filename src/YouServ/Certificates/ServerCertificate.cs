using System.Security.Cryptography.X509Certificates;

namespace P2P.YouServ.Certificates;

/// <summary>What the certificates of coordinators and peers have in common.</summary>
internal static class ServerCertificate
{
    /// <summary>Gives a certificate the form that every system's TLS takes: Windows' knows no key that lives in memory only.</summary>
    public static X509Certificate2 Usable(X509Certificate2 certificate) => X509CertificateLoader.LoadPkcs12(certificate.Export(X509ContentType.Pkcs12), null);

    /// <summary>Whether a third of its life is left at most.</summary>
    public static bool IsOld(X509Certificate2 certificate, DateTimeOffset now) => now > certificate.NotAfter - ((certificate.NotAfter - certificate.NotBefore) / 3);
}
