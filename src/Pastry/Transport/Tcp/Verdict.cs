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
}
