using P2P.Pastry;

namespace P2P.Past;

/// <summary>Is the archive as its users see it: files go in under a name, and come out by their id (PAST §2).</summary>
/// <remarks>
/// <see cref="PastStore"/> is the ring's. Others may stand before it or in its place: all results can be made outside, files by
/// <see cref="PastFile.FromBytes"/> and <see cref="PastFile.FromContent"/>. All members may be called concurrently.
/// </remarks>
public interface IPastStore
{
    /// <summary>Stores a file on the k nodes closest to its id.</summary>
    /// <param name="name">The file's textual name, which goes into its id and is not kept; with the random salt, the same name may be used again.</param>
    /// <param name="owner">Signs for the owner, who alone can reclaim the file: a <see cref="SigningKey"/>, or a key that lives elsewhere.</param>
    /// <param name="content">The content; it is read twice or more and must stay as it is meanwhile.</param>
    /// <param name="options">How; default three replicas.</param>
    /// <param name="cancellationToken">
    /// Gives up. Before a node was asked to hold the file this throws, and what a quota has debited by then is taken back in the background, for which the owner signs
    /// once more; afterwards the result is <see cref="InsertResult.Indeterminate"/>.
    /// </param>
    /// <returns>How it ended.</returns>
    /// <exception cref="PastException">The content can't be read, or an option is outside of its range.</exception>
    ValueTask<InsertResult> InsertAsync(
        string name, ISigner owner, IContentSource content, InsertOptions? options = null, CancellationToken cancellationToken = default);

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

    /// <summary>
    /// Takes a file back: nodes that hold it give it up, and do not store it again for as long as they remember that
    /// (<see cref="PastOptions.ReclaimRetention"/>). Weaker than deletion: nobody can be made to forget what it has read (PAST §2.2). It can be done again.
    /// </summary>
    /// <param name="certificate">The file's certificate, as an insert or a lookup gave it.</param>
    /// <param name="owner">Signs for the owner.</param>
    /// <param name="cancellationToken">Gives up; some replicas may be gone by then.</param>
    /// <returns>How it ended.</returns>
    /// <exception cref="PastException">The node has stopped.</exception>
    ValueTask<ReclaimResult> ReclaimAsync(FileCertificate certificate, ISigner owner, CancellationToken cancellationToken = default);
}
