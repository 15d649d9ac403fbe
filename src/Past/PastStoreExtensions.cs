using P2P.Pastry;

namespace P2P.Past;

/// <summary>Inserts what is at hand: bytes, files, streams.</summary>
public static class PastStoreExtensions
{
    /// <summary>Stores bytes as a file; see <see cref="IPastStore.InsertAsync"/>.</summary>
    /// <param name="store">The archive.</param>
    /// <param name="name">The file's textual name.</param>
    /// <param name="owner">The owner's key.</param>
    /// <param name="content">The content, which must not change meanwhile; it is not copied.</param>
    /// <param name="options">How; default three replicas.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static ValueTask<InsertResult> InsertAsync(
        this IPastStore store, string name, ISigner owner, ReadOnlyMemory<byte> content, InsertOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(store);
        return store.InsertAsync(name, owner, ContentSource.FromBytes(content), options, cancellationToken);
    }

    /// <summary>Stores the whole of a stream that can seek; see <see cref="IPastStore.InsertAsync"/>.</summary>
    /// <param name="store">The archive.</param>
    /// <param name="name">The file's textual name.</param>
    /// <param name="owner">The owner's key.</param>
    /// <param name="content">The stream, which nobody else uses meanwhile and which stays the caller's; its position does not matter.</param>
    /// <param name="options">How; default three replicas.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="ArgumentException">The stream can't be read or can't seek; save it to a file first.</exception>
    public static ValueTask<InsertResult> InsertAsync(
        this IPastStore store, string name, ISigner owner, Stream content, InsertOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(store);
        return store.InsertAsync(name, owner, ContentSource.FromStream(content), options, cancellationToken);
    }

    /// <summary>Stores a file of the local disk; see <see cref="IPastStore.InsertAsync"/>.</summary>
    /// <param name="store">The archive.</param>
    /// <param name="path">The file, which must stay as it is meanwhile.</param>
    /// <param name="owner">The owner's key.</param>
    /// <param name="name">The file's textual name in the archive; default the name that the path ends with.</param>
    /// <param name="options">How; default three replicas.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="PastException">The file is missing or can't be read.</exception>
    public static ValueTask<InsertResult> InsertFileAsync(
        this IPastStore store, string path, ISigner owner, string? name = null, InsertOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(store);
        return store.InsertAsync(name ?? Path.GetFileName(path), owner, ContentSource.FromFile(path), options, cancellationToken);
    }

    /// <summary>Takes a file back of which only the id is at hand: looks its certificate up first; see <see cref="IPastStore.ReclaimAsync"/>.</summary>
    /// <param name="store">The archive.</param>
    /// <param name="fileId">The file's id.</param>
    /// <param name="owner">Signs for the owner.</param>
    /// <param name="cancellationToken">Gives up; some replicas may be gone by then.</param>
    /// <exception cref="PastException">The node has stopped.</exception>
    public static async ValueTask<ReclaimResult> ReclaimAsync(this IPastStore store, FileId fileId, ISigner owner, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(store);
        return await store.LookupAsync(fileId, cancellationToken).ConfigureAwait(false) switch
        {
            LookupResult.Found found => await store.ReclaimAsync(found.File.Certificate, owner, cancellationToken).ConfigureAwait(false),
            LookupResult.NotFound => ReclaimResult.NotFound.Instance,
            _ => new ReclaimResult.Indeterminate([]),
        };
    }
}
