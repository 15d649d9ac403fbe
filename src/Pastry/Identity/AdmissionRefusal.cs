namespace P2P.Pastry;

/// <summary>Tells why a ring does not admit a node. The numbers are on the wire.</summary>
public enum AdmissionRefusal
{
    /// <summary>It brought no certificate.</summary>
    CertificateMissing = 1,

    /// <summary>What it brought is no certificate, or its signature is not right.</summary>
    CertificateInvalid = 2,

    /// <summary>The certificate is of another authority.</summary>
    OtherAuthority = 3,

    /// <summary>The certificate is another node's.</summary>
    OtherNode = 4,

    /// <summary>The certificate is for another ring.</summary>
    OtherRing = 5,

    /// <summary>The certificate has expired.</summary>
    Expired = 6,

    /// <summary>The ring does not want this node, whatever it brings.</summary>
    Barred = 7,
}
