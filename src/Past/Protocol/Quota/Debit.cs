namespace P2P.Past.Protocol;

/// <summary>Is a file that has been debited to an owner.</summary>
/// <param name="FileId">The file.</param>
/// <param name="Account">The hash of the owner's key.</param>
/// <param name="ContentLength">The length of its content in bytes.</param>
/// <param name="ReplicaCount">How many replicas it may have.</param>
/// <param name="ReplicaBytes">How much each counts.</param>
/// <param name="Serial">The number of the debit.</param>
/// <param name="IssuedAt">When it was debited.</param>
/// <param name="ExpiresAt">Until when it may be inserted.</param>
/// <param name="CreditedCount">How many replicas have been credited. With the first one the file is taken back, and permitted no more.</param>
internal sealed record Debit(
    FileId FileId,
    Hash256 Account,
    long ContentLength,
    int ReplicaCount,
    long ReplicaBytes,
    long Serial,
    DateTimeOffset IssuedAt,
    DateTimeOffset ExpiresAt,
    int CreditedCount = 0)
{
    /// <summary>What it takes of its owner's quota.</summary>
    public long OutstandingBytes => ReplicaBytes * (ReplicaCount - CreditedCount);
}
