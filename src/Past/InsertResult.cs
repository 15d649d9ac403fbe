using System.Collections.Immutable;
using P2P.Pastry;

namespace P2P.Past;

/// <summary>Tells how an insert ended.</summary>
public abstract record InsertResult
{
    /// <param name="certificate">The file's certificate; with it and the same content the insert can be resumed.</param>
    /// <param name="receipts">The verified receipts of the nodes that hold a replica.</param>
    private protected InsertResult(FileCertificate certificate, ImmutableArray<StoreReceipt> receipts)
    {
        Certificate = certificate;
        Receipts = receipts;
    }

    /// <summary>The file's certificate; with it and the same content the insert can be resumed.</summary>
    public FileCertificate Certificate { get; init; }

    /// <summary>The verified receipts of the nodes that hold a replica.</summary>
    public ImmutableArray<StoreReceipt> Receipts { get; init; }

    /// <summary>The file's id, to look it up by.</summary>
    public FileId FileId => Certificate.FileId;

    /// <summary>All k replicas are stored, durably, and their receipts verified.</summary>
    /// <param name="Certificate">The file's certificate; with it and the same content the insert can be resumed.</param>
    /// <param name="Receipts">The verified receipts of the nodes that hold a replica.</param>
    public sealed record Stored(FileCertificate Certificate, ImmutableArray<StoreReceipt> Receipts) : InsertResult(Certificate, Receipts);

    /// <summary>
    /// A node that should hold the file refused it. What is stored already may stay until the file is reclaimed; where there was no room, and the owner's
    /// key at hand, it has been taken back.
    /// </summary>
    /// <param name="Certificate">The file's certificate; with it and the same content the insert can be resumed.</param>
    /// <param name="Receipts">The verified receipts of the nodes that hold a replica.</param>
    /// <param name="Reason">Why.</param>
    /// <param name="By">The node that refused; null where no node of the ring was asked.</param>
    public sealed record Refused(FileCertificate Certificate, ImmutableArray<StoreReceipt> Receipts, StoreRefusal Reason, NodeHandle? By = null)
        : InsertResult(Certificate, Receipts);

    /// <summary>
    /// The insert was cancelled or not answered in time: fewer than k receipts are in, and nobody knows whether more replicas exist. Resume it
    /// with the same certificate and content; what is stored already is not sent again.
    /// </summary>
    /// <param name="Certificate">The file's certificate; with it and the same content the insert can be resumed.</param>
    /// <param name="Receipts">The verified receipts of the nodes that hold a replica.</param>
    public sealed record Indeterminate(FileCertificate Certificate, ImmutableArray<StoreReceipt> Receipts) : InsertResult(Certificate, Receipts);

    /// <summary>
    /// The owner's quota has no room for the file, and no node was asked to hold it. Its certificate has no permit: insert the file anew when there is room.
    /// </summary>
    /// <param name="Certificate">A certificate that was sent to nobody.</param>
    /// <param name="UsedBytes">How much the owner's files take, in bytes, each as often as it has replicas.</param>
    /// <param name="GrantedBytes">How much they may take now.</param>
    /// <param name="NeededBytes">How much this one would take.</param>
    public sealed record QuotaExceeded(FileCertificate Certificate, long UsedBytes, long GrantedBytes, long NeededBytes) : InsertResult(Certificate, []);

    /// <summary>
    /// Nobody has said in time whether there is room for the file, and no node was asked to hold it. Its certificate has no permit: insert the file anew later. It
    /// may have been debited unseen; <see cref="IPastStore.ReclaimAsync"/> with the certificate has that credited.
    /// </summary>
    /// <param name="Certificate">A certificate that was sent to nobody.</param>
    public sealed record QuotaUnavailable(FileCertificate Certificate) : InsertResult(Certificate, []);
}
