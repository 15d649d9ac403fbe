using System.Collections.Immutable;

namespace P2P.Past;

/// <summary>
/// Grants the users of a node room in the archive (PAST §2.2): a file is debited before it is certified, and credited when it is taken back.
/// </summary>
/// <remarks>
/// <see cref="BrokerQuota"/> asks a broker of the ring. Others may stand in its place: one that counts by itself, or asks elsewhere. All members may be called
/// concurrently. A <see cref="PastStore"/> calls them in the node's time: a user who gives up is not kept waiting, and the call ends when it is done, or the node stops.
/// </remarks>
public interface IQuota
{
    /// <summary>Asks for room for a file under an id. Who asks again for the same file is debited once.</summary>
    /// <param name="request">The file.</param>
    /// <param name="cancellationToken">Gives up; the file may have been debited by then.</param>
    ValueTask<QuotaAnswer> RequestAsync(QuotaRequest request, CancellationToken cancellationToken = default);

    /// <summary>
    /// Learns how an insert ended for which there was room. One that nodes refused is taken back at once, of which <see cref="CreditAsync"/> learns. By default
    /// it does nothing, which suits who goes by receipts.
    /// </summary>
    /// <param name="result">How it ended.</param>
    /// <param name="cancellationToken">Gives up.</param>
    ValueTask InsertEndedAsync(InsertResult result, CancellationToken cancellationToken = default) => ValueTask.CompletedTask;

    /// <summary>Learns that an owner has taken a file back, and has it credited.</summary>
    /// <param name="certificate">The owner's word.</param>
    /// <param name="receipts">
    /// What the nodes have signed that gave the file up, which has been verified, and those that never held it and refuse it from now on, which has not.
    /// </param>
    /// <param name="cancellationToken">Gives up.</param>
    ValueTask CreditAsync(ReclaimCertificate certificate, ImmutableArray<ReclaimReceipt> receipts, CancellationToken cancellationToken = default);
}
