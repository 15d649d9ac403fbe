using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace P2P.YouServ.Hosting;

/// <summary>Says which certificates peers believe each other.</summary>
internal static class PeerTrust
{
    /// <summary>Tells whether a certificate is good, or would be if some authorities were trusted.</summary>
    public static bool IsTrusted(X509Certificate2Collection authorities, X509Certificate? certificate, SslPolicyErrors errors) =>
        errors == SslPolicyErrors.None || (errors == SslPolicyErrors.RemoteCertificateChainErrors && IsIssuedBy(authorities, certificate));

    private static bool IsIssuedBy(X509Certificate2Collection authorities, X509Certificate? certificate)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.CustomTrustStore.AddRange(authorities);
        return certificate is X509Certificate2 known && chain.Build(known);
    }
}
