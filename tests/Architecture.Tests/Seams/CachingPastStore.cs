using P2P.Past;
using P2P.Pastry;

namespace Architecture.Tests.Seams;

/// <summary>Stands before an archive, and keeps small files that it has found.</summary>
internal sealed class CachingPastStore(IPastStore store) : IPastStore
{
    private const int LengthMax = 1 << 16;

    private readonly Dictionary<FileId, (FileCertificate Certificate, byte[] Content)> _kept = [];

    public int HitCount { get; private set; }

    public ValueTask<InsertResult> InsertAsync(
        string name, ISigner owner, IContentSource content, InsertOptions? options = null, CancellationToken cancellationToken = default) =>
        store.InsertAsync(name, owner, content, options, cancellationToken);

    public ValueTask<InsertResult> ResumeInsertAsync(
        FileCertificate certificate, IContentSource content, IProgress<InsertProgress>? progress = null, CancellationToken cancellationToken = default) =>
        store.ResumeInsertAsync(certificate, content, progress, cancellationToken);

    public async ValueTask<LookupResult> LookupAsync(FileId fileId, CancellationToken cancellationToken = default)
    {
        if (_kept.TryGetValue(fileId, out var kept))
        {
            HitCount++;
            return new LookupResult.Found(PastFile.FromBytes(kept.Certificate, kept.Content));
        }

        var result = await store.LookupAsync(fileId, cancellationToken).ConfigureAwait(false);
        if (result is LookupResult.Found { File: { Length: <= LengthMax } file })
        {
            _kept[fileId] = (file.Certificate, await file.ReadAllBytesAsync(cancellationToken).ConfigureAwait(false));
        }

        return result;
    }

    public ValueTask<ReclaimResult> ReclaimAsync(FileCertificate certificate, ISigner owner, CancellationToken cancellationToken = default)
    {
        _kept.Remove(certificate.FileId);
        return store.ReclaimAsync(certificate, owner, cancellationToken);
    }
}
