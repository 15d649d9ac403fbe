using System.Runtime.InteropServices;

namespace P2P.Past;

/// <summary>
/// Keeps replicas in a directory, one file each. What was stored is durable: it is flushed, renamed into place and its directory flushed
/// before a call returns, and a crash at any moment leaves a replica whole or absent.
/// </summary>
/// <remarks>
/// Opening reads the names and lengths of replicas, not their content; the index takes 32 to 64 bytes a replica in memory. The format of
/// the directory is described in docs/protocols/past.md. After disposal, writers and content that are still open can only be disposed of.
/// </remarks>
public sealed class FileReplicaStore : IReplicaStore
{
    private static readonly TimeSpan ExpiryIntervalMax = TimeSpan.FromHours(1);

    private readonly ReplicaDirectory _directory;
    private readonly ReplicaLedger _ledger;
    private readonly DiskQueue _disk;
    private readonly TimeProvider _time;
    private readonly TimeSpan _partialRetention;
    private readonly ITimer _expiry;
    private volatile bool _disposed;

    private FileReplicaStore(ReplicaDirectory directory, ReplicaLedger ledger, FileReplicaStoreOptions options)
    {
        _directory = directory;
        _ledger = ledger;
        _disk = new DiskQueue(options.DiskThreadsMax);
        _time = options.Time;
        _partialRetention = options.PartialRetention;
        var interval = TimeSpan.FromTicks(Math.Clamp(_partialRetention.Ticks / 2, TimeSpan.TicksPerSecond, ExpiryIntervalMax.Ticks));
        _expiry = _time.CreateTimer(static store => _ = ((FileReplicaStore)store!).ExpirePartialsAsync(), this, interval, interval);
    }

    /// <inheritdoc/>
    public ReplicaStoreUsage Usage => _ledger.Usage;

    /// <summary>Opens the store in a directory, or creates it, and recovers from whatever ended the last process.</summary>
    /// <param name="options">The directory, its capacity and the like.</param>
    /// <param name="cancellationToken">Gives up as long as opening has not begun.</param>
    /// <exception cref="PastException">
    /// An option is outside of its range, or the directory can't be written, is open elsewhere, is in a newer format, or holds other things; the message says what to do.
    /// </exception>
    public static Task<FileReplicaStore> OpenAsync(FileReplicaStoreOptions options, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        return Task.Run(() => Open(options), cancellationToken);
    }

    /// <inheritdoc/>
    public bool Contains(FileId fileId) => _ledger.Contains(fileId);

    /// <inheritdoc/>
    public int List(KeyRange range, FileId? after, Span<StoredReplica> destination) => _ledger.List(range, after, destination);

    /// <inheritdoc/>
    public async ValueTask<IReplicaWriter> BeginAsync(FileCertificate certificate, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(certificate);
        var id = certificate.FileId;
        _ledger.Claim(id, ReplicaRecord.Of(certificate), ReplicaFile.LeafOffset(certificate, 0));
        try
        {
            return await OnDiskAsync<IReplicaWriter>(
                id,
                () => FileReplicaWriter.Open(this, certificate, _directory.PartialPathOf(id), cancellationToken),
                cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            Suspend(certificate);
            throw;
        }
        catch
        {
            Abandon(certificate);
            throw;
        }
    }

    /// <inheritdoc/>
    public async ValueTask StoreAsync(FileCertificate certificate, ReadOnlyMemory<byte> content, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(certificate);
        var id = certificate.FileId;
        var record = ReplicaRecord.Of(certificate);
        _ledger.Claim(id, record, record.Length);
        try
        {
            await OnDiskAsync(
                id,
                () =>
                {
                    Write(certificate, content);
                    return true;
                },
                cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            Abandon(certificate);
            throw;
        }

        _ledger.Complete(id);
    }

    /// <inheritdoc/>
    public async ValueTask<IVerifiedContent?> OpenReadAsync(FileId fileId, CancellationToken cancellationToken = default)
    {
        if (!_ledger.TryGet(fileId, out var record))
        {
            return null;
        }

        try
        {
            return await OnDiskAsync(fileId, () => FileReplicaContent.Open(this, new StoredReplica(fileId, record.ReplicaCount), _directory.PathOf(fileId, record.ReplicaCount)), cancellationToken)
                .ConfigureAwait(false);
        }
        catch (PastException exception) when (exception.InnerException is FileNotFoundException or DirectoryNotFoundException)
        {
            ForgetMissing(fileId);
            return null;
        }
    }

    /// <inheritdoc/>
    public async ValueTask<bool> DeleteAsync(FileId fileId, CancellationToken cancellationToken = default)
    {
        if (!_ledger.TryClaimWhole(fileId, out var record))
        {
            return false;
        }

        var path = _directory.PathOf(fileId, record.ReplicaCount);
        await RemoveClaimedAsync(fileId, path, () => _directory.Delete(fileId, path), cancellationToken).ConfigureAwait(false);
        return true;
    }

    /// <inheritdoc/>
    public async ValueTask<ReplicaCondition> VerifyAsync(FileId fileId, CancellationToken cancellationToken = default)
    {
        var condition = await ReplicaScrub.InspectAsync(this, fileId, cancellationToken).ConfigureAwait(false);
        if (condition != ReplicaCondition.Corrupt)
        {
            return condition;
        }

        if (!_ledger.TryClaimWhole(fileId, out var record))
        {
            return ReplicaCondition.Missing;
        }

        var path = _directory.PathOf(fileId, record.ReplicaCount);
        await RemoveClaimedAsync(fileId, path, () => _directory.Quarantine(fileId, path, _time.GetUtcNow()), cancellationToken).ConfigureAwait(false);
        return ReplicaCondition.Corrupt;
    }

    /// <summary>Waits for what is under way, and gives the directory free for another store.</summary>
    public async ValueTask DisposeAsync()
    {
        _disposed = true;
        await _expiry.DisposeAsync().ConfigureAwait(false);
        await _disk.DisposeAsync().ConfigureAwait(false);
        _directory.Dispose();
    }

    /// <summary>Runs work that waits for the disk on the store's threads.</summary>
    internal Task<T> OnDiskAsync<T>(FileId id, Func<T> work, CancellationToken cancellationToken) =>
        _disk.RunAsync(
            () =>
            {
                try
                {
                    return work();
                }
                catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
                {
                    throw _directory.Failure(id, exception);
                }
            },
            cancellationToken);

    /// <summary>Takes room for a leaf that is about to be written.</summary>
    internal void Reserve(FileCertificate certificate, in ContentLeaf leaf) =>
        _ledger.Grow(certificate.FileId, ReplicaFile.LeafOffset(certificate, leaf.Index) + leaf.Bytes.Length);

    /// <summary>Moves a written and flushed file to its place.</summary>
    internal void Publish(FileCertificate certificate) => _directory.Publish(certificate.FileId, certificate.ReplicaCount);

    /// <summary>Makes a published replica visible.</summary>
    internal void Complete(FileId id) => _ledger.Complete(id);

    /// <summary>Gives a claim back and keeps what was written.</summary>
    internal void Suspend(FileCertificate certificate)
    {
        var id = certificate.FileId;
        var partial = new FileInfo(_directory.PartialPathOf(id));
        if (partial.Exists)
        {
            _ledger.Suspend(id, partial.Length, _time.GetUtcNow());
        }
        else
        {
            _ledger.Release(id);
        }
    }

    /// <summary>Gives a claim back and removes what was written.</summary>
    internal void Abandon(FileCertificate certificate)
    {
        var id = certificate.FileId;

        // After disposal the directory may be another store's; what lies there is found at its next opening.
        if (!_disposed)
        {
            _directory.Discard(id, _directory.PathOf(id, certificate.ReplicaCount));
        }

        _ledger.Release(id);
    }

    /// <summary>Removes interrupted replicas that nobody has continued for long.</summary>
    private async Task ExpirePartialsAsync()
    {
        try
        {
            await _disk.RunAsync(() =>
            {
                foreach (var id in _ledger.ClaimSuspended(_time.GetUtcNow() - _partialRetention))
                {
                    _directory.DiscardPartial(id);
                    _ledger.Release(id);
                }

                return true;
            }).ConfigureAwait(false);
        }
        catch (ObjectDisposedException)
        {
            // The next opening does it.
        }
    }

    private static FileReplicaStore Open(FileReplicaStoreOptions options)
    {
        var directory = ReplicaDirectory.Open(options.Directory);
        var ledger = new ReplicaLedger(options.CapacityBytes);
        try
        {
            directory.Recover(ledger, options);
            return new FileReplicaStore(directory, ledger, options);
        }
        catch (Exception exception)
        {
            directory.Dispose();
            throw exception is IOException or UnauthorizedAccessException
                ? new PastException(
                    $"The replica store '{options.Directory}' can't be read: {exception.Message} Check the disk and the rights of this user.",
                    exception)
                : exception;
        }
    }

    private void Write(FileCertificate certificate, ReadOnlyMemory<byte> content)
    {
        var tree = ReplicaScrub.Check(certificate, content.Span);
        var hashes = new byte[tree.LeafHashes.Length * Hash256.ByteLength];
        MemoryMarshal.AsBytes(tree.LeafHashes.Span).CopyTo(hashes);
        using (var file = ReplicaDirectory.OpenForWriting(_directory.PartialPathOf(certificate.FileId), FileMode.Create))
        {
            RandomAccess.Write(file.SafeFileHandle, [ReplicaFile.EncodeHeader(certificate), hashes, content], 0);
            RandomAccess.FlushToDisk(file.SafeFileHandle);
        }

        Publish(certificate);
    }

    private async ValueTask RemoveClaimedAsync(FileId id, string path, Action remove, CancellationToken cancellationToken)
    {
        try
        {
            await OnDiskAsync(
                id,
                () =>
                {
                    remove();
                    return true;
                },
                cancellationToken).ConfigureAwait(false);
        }
        catch when (File.Exists(path))
        {
            _ledger.Complete(id);
            throw;
        }
        catch
        {
            _ledger.Release(id);
            throw;
        }

        _ledger.Release(id);
    }

    /// <summary>Takes a replica out of the books whose file somebody else removed.</summary>
    private void ForgetMissing(FileId id)
    {
        if (!_ledger.TryClaimWhole(id, out var record))
        {
            return;
        }

        // It may have been deleted and stored again since.
        if (File.Exists(_directory.PathOf(id, record.ReplicaCount)))
        {
            _ledger.Complete(id);
        }
        else
        {
            _ledger.Release(id);
        }
    }
}
