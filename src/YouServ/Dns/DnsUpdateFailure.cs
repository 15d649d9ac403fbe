namespace P2P.YouServ.Dns;

/// <summary>Says why a server did not make an update.</summary>
public enum DnsUpdateFailure
{
    /// <summary>It gave no answer that counts, in time. The update may have been made.</summary>
    NoAnswer,

    /// <summary>The key may not change these names, or nobody may (REFUSED).</summary>
    Refused,

    /// <summary>It is no authority for the zone, or for one of the names (NOTAUTH, NOTZONE).</summary>
    NotAuthoritative,

    /// <summary>It does not know the key by its name and algorithm (BADKEY).</summary>
    UnknownKey,

    /// <summary>It has another secret for the key (BADSIG).</summary>
    WrongSecret,

    /// <summary>Its clock and this one's differ by more than five minutes (BADTIME).</summary>
    ClocksDiffer,

    /// <summary>It could not, or would not for another reason; the message has the code.</summary>
    Failed,
}
