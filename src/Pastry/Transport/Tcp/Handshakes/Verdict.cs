namespace P2P.Pastry.Transport.Tcp;

/// <summary>Tells what a host thinks of whoever connects. The numbers are on the wire.</summary>
internal enum Verdict
{
    Accepted = 0,

    /// <summary>There is no common version.</summary>
    Version = 1,

    /// <summary>The rings differ.</summary>
    Ring = 2,

    /// <summary>A delegation is not valid.</summary>
    Identity = 3,

    /// <summary>No more streams are taken.</summary>
    Busy = 4,

    /// <summary>The node that a stream is for doesn't live here.</summary>
    NotHere = 5,

    /// <summary>The ring is closed, and a node brought no certificate. This and those below are <see cref="AdmissionRefusal"/>, and five more.</summary>
    CertificateMissing = 6,

    /// <summary>A node brought what is no certificate, or is forged.</summary>
    CertificateInvalid = 7,

    /// <summary>A node's certificate is of another authority.</summary>
    OtherAuthority = 8,

    /// <summary>A node's certificate is another node's.</summary>
    OtherNode = 9,

    /// <summary>A node's certificate is for another ring.</summary>
    OtherRing = 10,

    /// <summary>A node's certificate has expired.</summary>
    Expired = 11,

    /// <summary>The ring does not want one of the nodes.</summary>
    Barred = 12,
}
