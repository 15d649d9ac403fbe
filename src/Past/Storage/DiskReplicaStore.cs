namespace P2P.Past;

/// <summary>
/// Keeps replicas in a directory: small ones, and the index of all, in a database, large ones in a file each. What was stored is durable: it has been flushed
/// before a call returns, and a crash at any moment leaves a replica whole or absent. Changes at the same time share a flush.
/// </summary>
/// <remarks>
/// Opening reads the index, about a second for some millions of replicas, and no content; in memory a replica takes 32 to 64 bytes. Reading checks all that it
/// gives out, <see cref="VerifyAsync"/> a replica, and <see cref="SweepAsync"/> the database and the directory. The format of
/// the directory is described in docs/protocols/past.md. After disposal, writers and content that are still open can only be disposed of.
/// </remarks>
public sealed partial class DiskReplicaStore : IReplicaStore
{
    private static readonly TimeSpan ExpiryIntervalMax = TimeSpan.FromHours(1);

    private readonly ReplicaDirectory _directory;
    private readonly ReplicaLedger _ledger;
    private readonly DatabaseReaders _readers;
    private readonly GroupCommit _commits;
    private readonly DiskQueue _disk;
    private readonly DiskSpace _space;
    private readonly int _databaseContentMax;
    private readonly TimeProvider _time;
    private readonly TimeSpan _partialRetention;
    private readonly ITimer _expiry;
    private volatile bool _disposed;

    private DiskReplicaStore(ReplicaDirectory directory, ReplicaLedger ledger, ReclaimedIds reclaimed, DatabaseWriter writer, DiskReplicaStoreOptions options)
    {
        _reclaimed = reclaimed;
        _directory = directory;
        _ledger = ledger;
        _readers = new DatabaseReaders(directory.DatabasePath);
        _commits = new GroupCommit(writer, directory.Failure);
        _disk = new DiskQueue(options.DiskThreadsMax);
        _space = new DiskSpace(Path.GetFullPath(options.Directory), options.DiskReserveBytes);
        _databaseContentMax = options.DatabaseContentMax;
        _time = options.Time;
        _partialRetention = options.PartialRetention;
        var interval = TimeSpan.FromTicks(Math.Clamp(_partialRetention.Ticks / 2, TimeSpan.TicksPerSecond, ExpiryIntervalMax.Ticks));
        _expiry = _time.CreateTimer(static store => _ = ((DiskReplicaStore)store!).ExpirePartialsAsync(), this, interval, interval);
    }

    /// <inheritdoc/>
    public ReplicaStoreUsage Usage => _ledger.Usage;

    internal ReplicaFiles Files => _directory.Files;

    /// <summary>Opens the store in a directory, or creates it, and recovers from whatever ended the last process.</summary>
    /// <remarks>A directory of the former format, in which every replica was a file, is taken over: it gets a database, and its files stay where they are.</remarks>
    /// <param name="options">The directory, its capacity and the like.</param>
    /// <param name="cancellationToken">Gives up as long as opening has not begun.</param>
    /// <exception cref="PastException">
    /// An option is outside of its range, or the directory can't be written, is open elsewhere, is damaged, is in a newer format, or holds other things; the message says what to do.
    /// </exception>
    public static Task<DiskReplicaStore> OpenAsync(DiskReplicaStoreOptions options, CancellationToken cancellationToken = default)
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
        var isFile = IsFile(certificate);
        _space.Require(id, ReplicaFile.LengthOf(certificate));
        var isKnown = _ledger.Claim(id, ReplicaRecord.Of(certificate, isFile), ReplicaFile.LeafOffset(certificate, 0));
        try
        {
            ThrowIfReclaimed(id);
            if (isFile)
            {
                return await OnDiskAsync<IReplicaWriter>(
                    id, () => FileReplicaWriter.Open(this, certificate, Files.PartialPathOf(id), cancellationToken), cancellationToken).ConfigureAwait(false);
            }

            await ForgetPartialAsync(id, isKnown, cancellationToken).ConfigureAwait(false);
            return new SmallReplicaWriter(this, certificate);
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
        var record = ReplicaRecord.Of(certificate, IsFile(certificate));
        _space.Require(id, record.Length);
        var isKnown = _ledger.Claim(id, record, record.Length);
        long number;
        try
        {
            ThrowIfReclaimed(id);
            if (record.IsFile)
            {
                number = await WriteFileAsync(certificate, content, cancellationToken).ConfigureAwait(false);
            }
            else
            {
                await ForgetPartialAsync(id, isKnown, cancellationToken).ConfigureAwait(false);
                number = await CommitAsync(certificate, ImageOf(certificate, content.Span), cancellationToken).ConfigureAwait(false);
            }
        }
        catch
        {
            Abandon(certificate);
            throw;
        }

        _ledger.Complete(id, number);
    }

    /// <inheritdoc/>
    public async ValueTask<IVerifiedContent?> OpenReadAsync(FileId fileId, CancellationToken cancellationToken = default)
    {
        if (!_ledger.TryGet(fileId, out var record))
        {
            return null;
        }

        var replica = new StoredReplica(fileId, record.ReplicaCount);
        try
        {
            var content = await OnDiskAsync(
                fileId,
                () => record.IsFile ? FileReplicaContent.Open(this, replica, Files.PathOf(fileId, record.ReplicaCount)) : ReadSmall(replica, record.Number),
                cancellationToken).ConfigureAwait(false);
            if (content is not null)
            {
                return content;
            }
        }
        catch (PastException exception) when (exception.InnerException is FileNotFoundException or DirectoryNotFoundException)
        {
            // It is missing like one whose row is.
        }

        await ForgetMissingAsync(fileId).ConfigureAwait(false);
        return null;
    }

    /// <inheritdoc/>
    public async ValueTask<bool> DeleteAsync(FileId fileId, CancellationToken cancellationToken = default)
    {
        if (!_ledger.TryClaimWhole(fileId, out var record))
        {
            return false;
        }

        await RemoveClaimedAsync(fileId, record, () => Files.Delete(fileId, record.ReplicaCount), cancellationToken).ConfigureAwait(false);
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

        var now = _time.GetUtcNow();
        if (!record.IsFile)
        {
            await PutImageAsideAsync(fileId, record.Number, now).ConfigureAwait(false);
        }

        await RemoveClaimedAsync(fileId, record, () => Files.Quarantine(fileId, record.ReplicaCount, now), cancellationToken).ConfigureAwait(false);
        return ReplicaCondition.Corrupt;
    }

    /// <inheritdoc/>
    public async ValueTask<int> SweepAsync(CancellationToken cancellationToken = default)
    {
        var sweep = new ReplicaSweep(_directory, _ledger, _commits, _time);
        return await OnDiskAsync(default, () => sweep.SweepFiles(cancellationToken), cancellationToken).ConfigureAwait(false)
            + await sweep.SweepDatabaseAsync(ForgetMissingAsync, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Waits for what is under way, and gives the directory free for another store.</summary>
    public async ValueTask DisposeAsync()
    {
        _disposed = true;
        await _expiry.DisposeAsync().ConfigureAwait(false);
        await _disk.DisposeAsync().ConfigureAwait(false);

        // The connection that writes is the last to close, and brings the log to its place.
        _readers.Dispose();
        await _commits.DisposeAsync().ConfigureAwait(false);
        _directory.Dispose();
    }

    private static DiskReplicaStore Open(DiskReplicaStoreOptions options)
    {
        var directory = ReplicaDirectory.Open(options);
        DatabaseWriter? writer = null;
        try
        {
            var connection = DatabaseFile.OpenForWriting(directory.DatabasePath, directory.Failure, options.IsDurable);
            writer = new DatabaseWriter(connection);
            var ledger = new ReplicaLedger(options.CapacityBytes);
            DatabaseFile.Load(connection, ledger, directory.Failure);
            directory.FinishRemovals(writer, ledger);
            directory.Files.Recover(ledger, options);
            return new DiskReplicaStore(directory, ledger, new ReclaimedIds(options.ReclaimsMax, DatabaseFile.ReadReclaimed(connection)), writer, options);
        }
        catch (Exception exception)
        {
            writer?.Dispose();
            directory.Dispose();
            throw StorageFailure.IsDamage(exception) ? directory.Failure.Damaged(exception)
                : StorageFailure.Is(exception) ? new PastException(
                    $"The replica store '{options.Directory}' can't be opened: {exception.Message} Check the disk and the rights of this user.", exception)
                : exception;
        }
    }
}
