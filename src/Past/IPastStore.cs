using P2P.Pastry;

namespace P2P.Past;

/// <summary>Is the archive as its users see it: files go in under a name, and come out by their id (PAST §2).</summary>
public interface IPastStore
{
    /// <summary>Stores a file on the k nodes closest to its id.</summary>
    /// <param name="name">The file's textual name, which goes into its id and is not kept; with the random salt, the same name may be used again.</param>
    /// <param name="owner">The key of the owner, who alone can reclaim the file.</param>
    /// <param name="content">The content; it is read twice or more and must stay as it is meanwhile.</param>
    /// <param name="replicaCount">How many replicas, the paper's k: 1 to l/2 + 1; default 3.</param>
    /// <param name="metadata">Anything that is to stand in the certificate, readable by everyone; at most 4 KiB.</param>
    /// <param name="progress">Learns how many receipts are in.</param>
    /// <param name="cancellationToken">
    /// Gives up. Before anything was sent this throws; afterwards the result is <see cref="InsertResult.Indeterminate"/>.
    /// </param>
    /// <returns>How it ended.</returns>
    /// <exception cref="PastException">The content can't be read.</exception>
    ValueTask<InsertResult> InsertAsync(
        string name,
        SigningKey owner,
        IContentSource content,
        int replicaCount = 3,
        ReadOnlyMemory<byte> metadata = default,
        IProgress<InsertProgress>? progress = null,
        CancellationToken cancellationToken = default);

    /// <summary>Goes on with an insert whose outcome was indeterminate. Nodes that hold the file already are not sent it again.</summary>
    /// <param name="certificate">The certificate of the earlier result.</param>
    /// <param name="content">The same content.</param>
    /// <param name="progress">Learns how many receipts are in.</param>
    /// <param name="cancellationToken">Gives up, as with an insert.</param>
    /// <exception cref="PastException">The content can't be read, or is not the certificate's.</exception>
    ValueTask<InsertResult> ResumeInsertAsync(
        FileCertificate certificate,
        IContentSource content,
        IProgress<InsertProgress>? progress = null,
        CancellationToken cancellationToken = default);

    /// <summary>Finds a file. Its content is verified before any byte of it is given out.</summary>
    /// <param name="fileId">The file's id.</param>
    /// <param name="cancellationToken">Gives up.</param>
    ValueTask<LookupResult> LookupAsync(FileId fileId, CancellationToken cancellationToken = default);
}
