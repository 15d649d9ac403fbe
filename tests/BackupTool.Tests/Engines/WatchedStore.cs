using P2P.Past;
using P2P.Pastry;

namespace BackupTool.Tests.Engines;

/// <summary>Stands before an archive, and lets a test step in before something is stored or taken back.</summary>
internal sealed class WatchedStore(IPastStore inner) : IPastStore
{
    /// <summary>Is asked before a file is stored, by its name.</summary>
    public Func<string, Task> BeforeInsert { get; set; } = _ => Task.CompletedTask;

    public Func<Task> BeforeReclaim { get; set; } = () => Task.CompletedTask;

    /// <summary>Is asked before a file is looked up.</summary>
    public Func<FileId, Task> BeforeLookup { get; set; } = _ => Task.CompletedTask;

    public async ValueTask<InsertResult> InsertAsync(string name, ISigner owner, IContentSource content, InsertOptions? options = null, CancellationToken cancellationToken = default)
    {
        await BeforeInsert(name);
        return await inner.InsertAsync(name, owner, content, options, cancellationToken);
    }

    public ValueTask<InsertResult> ResumeInsertAsync(FileCertificate certificate, IContentSource content, IProgress<InsertProgress>? progress = null, CancellationToken cancellationToken = default) =>
        inner.ResumeInsertAsync(certificate, content, progress, cancellationToken);

    public async ValueTask<LookupResult> LookupAsync(FileId fileId, CancellationToken cancellationToken = default)
    {
        await BeforeLookup(fileId);
        return await inner.LookupAsync(fileId, cancellationToken);
    }

    public async ValueTask<ReclaimResult> ReclaimAsync(FileCertificate certificate, ISigner owner, CancellationToken cancellationToken = default)
    {
        await BeforeReclaim();
        return await inner.ReclaimAsync(certificate, owner, cancellationToken);
    }
}
