using System.Runtime.InteropServices;

namespace P2P.Past;

/// <summary>How changes reach the disk, and what becomes of those that fail.</summary>
public sealed partial class DiskReplicaStore
{
    /// <summary>Runs work that waits for the disk on the store's threads.</summary>
    internal Task<T> OnDiskAsync<T>(FileId id, Func<T> work, CancellationToken cancellationToken) =>
        _disk.RunAsync(
            () =>
            {
                try
                {
                    return work();
                }
                catch (Exception exception) when (StorageFailure.Is(exception))
                {
                    throw _directory.Failure.Of(id, exception);
                }
            },
            cancellationToken);

    /// <summary>Takes room for a leaf that is about to be written.</summary>
    internal void Reserve(FileCertificate certificate, in ContentLeaf leaf)
    {
        _space.Require(certificate.FileId, leaf.Bytes.Length);
        _ledger.Grow(certificate.FileId, ReplicaFile.LeafOffset(certificate, leaf.Index) + leaf.Bytes.Length);
    }

    /// <summary>Puts a small replica into the database.</summary>
    /// <returns>The number under which it is there.</returns>
    internal async ValueTask<long> CommitAsync(FileCertificate certificate, byte[] image, CancellationToken cancellationToken)
    {
        var (id, number) = (certificate.FileId, 0L);
        await _commits.RunAsync(
            id, writer => number = writer.AddSmall(id, ReplicaRecord.Of(certificate), image), cancellationToken: cancellationToken).ConfigureAwait(false);
        return number;
    }

    /// <summary>Enters a written and flushed file into the index, then moves it to its place.</summary>
    /// <remarks>
    /// In this order, for a crash between the two leaves a file whose place is known, and opening moves it. The other way round it would leave a file of which nobody
    /// knows.
    /// </remarks>
    /// <returns>The number under which it is in the index.</returns>
    internal async ValueTask<long> PublishAsync(FileCertificate certificate, CancellationToken cancellationToken)
    {
        var (id, number) = (certificate.FileId, 0L);
        await OnDiskAsync(id, () => Done(Files.FlushPartial), cancellationToken).ConfigureAwait(false);
        await _commits.RunAsync(
            id, writer => number = writer.AddFile(id, ReplicaRecord.Of(certificate, isFile: true)), cancellationToken: cancellationToken).ConfigureAwait(false);
        try
        {
            await OnDiskAsync(id, () => Done(() => Files.Publish(id, certificate.ReplicaCount)), CancellationToken.None).ConfigureAwait(false);
        }
        catch (PastException)
        {
            // The caller is told that nothing is stored, so the index must not say otherwise.
            await TryRunAsync(id, writer => writer.Remove(number)).ConfigureAwait(false);
            throw;
        }

        return number;
    }

    /// <summary>Makes a published replica visible.</summary>
    internal void Complete(FileId id, long number) => _ledger.Complete(id, number);

    /// <summary>Gives a claim back of which nothing was written to the disk.</summary>
    internal void Release(FileId id) => _ledger.Release(id);

    /// <summary>Gives a claim back and keeps what was written.</summary>
    internal void Suspend(FileCertificate certificate)
    {
        var id = certificate.FileId;
        var partial = new FileInfo(Files.PartialPathOf(id));
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
        if (!_disposed && IsFile(certificate))
        {
            Files.Discard(id, certificate.ReplicaCount);
        }

        _ledger.Release(id);
    }

    /// <summary>Makes work without an outcome one that has one.</summary>
    private static bool Done(Action work)
    {
        work();
        return true;
    }

    private static byte[] ImageOf(FileCertificate certificate, ReadOnlySpan<byte> content)
    {
        _ = ReplicaScrub.Check(certificate, content);
        var image = ReplicaFile.EncodeSingleLeaf(certificate);
        content.CopyTo(image.AsSpan((int)ReplicaFile.LeafOffset(certificate, 0)));
        return image;
    }

    private bool IsFile(FileCertificate certificate) => certificate.ContentLength > _databaseContentMax;

    private async ValueTask<long> WriteFileAsync(FileCertificate certificate, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        var id = certificate.FileId;
        await OnDiskAsync(
            id,
            () => Done(() =>
            {
                var tree = ReplicaScrub.Check(certificate, content.Span);
                var hashes = new byte[tree.LeafHashes.Length * Hash256.ByteLength];
                MemoryMarshal.AsBytes(tree.LeafHashes.Span).CopyTo(hashes);
                using var file = ReplicaFiles.OpenForWriting(Files.PartialPathOf(id), FileMode.Create);
                RandomAccess.Write(file.SafeFileHandle, [ReplicaFile.EncodeHeader(certificate), hashes, content], 0);
                Files.Flush(file.SafeFileHandle);
            }),
            cancellationToken).ConfigureAwait(false);
        return await PublishAsync(certificate, CancellationToken.None).ConfigureAwait(false);
    }

    /// <summary>Removes what somebody began to write as a file, where the same id now goes into the database.</summary>
    private async ValueTask ForgetPartialAsync(FileId id, bool isKnown, CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(_disposed, typeof(IReplicaStore));
        cancellationToken.ThrowIfCancellationRequested();
        if (isKnown)
        {
            await OnDiskAsync(id, () => Done(() => Files.DiscardPartial(id)), cancellationToken).ConfigureAwait(false);
        }
    }

    private SmallReplicaContent? ReadSmall(StoredReplica replica, long number)
    {
        var id = replica.FileId;
        try
        {
            return _readers.ReadImage(number) is { } image ? SmallReplicaContent.Open(replica, image) : null;
        }
        catch (Exception exception) when (StorageFailure.IsUnreadable(exception))
        {
            throw new ReplicaCorruptException(id, $"The database can't read the replica of {id}: {exception.Message}", exception);
        }
    }

    /// <summary>Takes a claimed replica out of the index, then its file away.</summary>
    /// <param name="id">The file.</param>
    /// <param name="record">What the books say of it.</param>
    /// <param name="clearAway">Removes the file.</param>
    /// <param name="cancellationToken">Gives up as long as nothing is removed.</param>
    /// <param name="together">What becomes durable together with the removal.</param>
    private async ValueTask RemoveClaimedAsync(
        FileId id, ReplicaRecord record, Action clearAway, CancellationToken cancellationToken, Action<DatabaseWriter>? together = null)
    {
        try
        {
            await _commits.RunAsync(
                id,
                writer =>
                {
                    writer.Remove(id, record);
                    together?.Invoke(writer);
                },
                removes: true,
                cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            _ledger.Complete(id);
            throw;
        }

        if (record.IsFile && await TryOnDiskAsync(id, clearAway).ConfigureAwait(false))
        {
            // Until this is durable, too, the id stays claimed: a file that is stored anew must not be taken for the removed one.
            await TryRunAsync(id, writer => writer.Settle(id)).ConfigureAwait(false);
        }

        _ledger.Release(id);
    }

    /// <summary>Keeps a damaged replica for inspection, as far as it can be read and there is room.</summary>
    private async ValueTask PutImageAsideAsync(FileId id, long number, DateTimeOffset now) =>
        await TryOnDiskAsync(
            id,
            () =>
            {
                if (_readers.ReadImage(number) is { } image)
                {
                    Files.Quarantine(id, image, now);
                }
            }).ConfigureAwait(false);

    /// <summary>Takes a replica out of the books whose file or bytes somebody else removed.</summary>
    private async ValueTask<bool> ForgetMissingAsync(FileId id)
    {
        if (!_ledger.TryClaimWhole(id, out var record))
        {
            return false;
        }

        try
        {
            // It may have been deleted and stored again since it was looked for.
            var isThere = await OnDiskAsync(
                id, () => record.IsFile ? File.Exists(Files.PathOf(id, record.ReplicaCount)) : _readers.ReadImage(record.Number) is not null, CancellationToken.None)
                .ConfigureAwait(false);
            if (!isThere)
            {
                await _commits.RunAsync(id, writer => writer.Remove(record.Number)).ConfigureAwait(false);
                _ledger.Release(id);
                return true;
            }
        }
        catch (Exception exception) when (exception is PastException or ObjectDisposedException)
        {
            // Whoever looks for it next finds out again.
        }

        _ledger.Complete(id);
        return false;
    }

    /// <summary>Tidies the disk after something that has been decided already; what fails is made up for at the next opening or sweep.</summary>
    private async ValueTask<bool> TryOnDiskAsync(FileId id, Action work)
    {
        try
        {
            return await OnDiskAsync(id, () => Done(work), CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is PastException or ObjectDisposedException)
        {
            return false;
        }
    }

    /// <inheritdoc cref="TryOnDiskAsync"/>
    private async ValueTask TryRunAsync(FileId id, Action<DatabaseWriter> change)
    {
        try
        {
            await _commits.RunAsync(id, change).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is PastException or ObjectDisposedException)
        {
        }
    }

    /// <summary>Removes interrupted replicas that nobody has continued for long.</summary>
    private async Task ExpirePartialsAsync()
    {
        try
        {
            await _disk.RunAsync(() => Done(() =>
            {
                foreach (var id in _ledger.ClaimSuspended(_time.GetUtcNow() - _partialRetention))
                {
                    Files.DiscardPartial(id);
                    _ledger.Release(id);
                }
            })).ConfigureAwait(false);
        }
        catch (ObjectDisposedException)
        {
            // The next opening does it.
        }
    }
}
