namespace P2P.YouServ.Dns;

/// <summary>Says what came of a request (RFC 6895 §2.3).</summary>
internal enum ResponseCode
{
    NoError = 0,
    FormatError = 1,
    ServerFailure = 2,
    NameError = 3,
    NotImplemented = 4,
    Refused = 5,
    NotAuthoritative = 9,
    NotZone = 10,

    /// <summary>EDNS of a version that is not spoken here; its upper bits travel in the OPT record.</summary>
    BadVersion = 16,
}
