namespace P2P.Past.Protocol;

/// <summary>Numbers a broker's answers to a file for which a permit is wanted, as they stand on the wire.</summary>
internal enum PermitVerdict : byte
{
    None = 0,
    Permitted = 1,

    /// <summary>The owner, or all owners together, would have more than was granted.</summary>
    Exceeded = 2,

    /// <summary>The id was permitted to another owner, or for another length or number of replicas.</summary>
    Conflict = 3,

    /// <summary>The file has been taken back, as one of its replicas at least has been credited.</summary>
    TakenBack = 4,

    /// <summary>Fewer nodes contribute than the file is to have replicas.</summary>
    TooFewContributors = 5,
}
