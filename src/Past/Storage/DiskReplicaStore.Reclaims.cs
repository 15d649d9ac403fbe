using P2P.Past.Wire;

namespace P2P.Past;

/// <summary>What owners have taken back.</summary>
public sealed partial class DiskReplicaStore
{
    private readonly ReclaimedIds _reclaimed;

    /// <inheritdoc/>
    public bool IsReclaimed(FileId fileId) => _reclaimed.Contains(fileId);

    /// <inheritdoc/>
    public async ValueTask<ReclaimedReplica> ReclaimAsync(ReclaimCertificate certificate, DateTimeOffset reclaimedAt, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(certificate);
        var id = certificate.FileId;
        while (true)
        {
            if (_reclaimed.Contains(id))
            {
                return await FindReclaimedAsync(id, cancellationToken).ConfigureAwait(false) ?? throw new ReplicaExistsException(id, isStored: false);
            }

            var length = await FindLengthAsync(id, cancellationToken).ConfigureAwait(false);
            if (length is null)
            {
                if (await TryReclaimAbsentAsync(new ReclaimedReplica(certificate, null, StatementFields.WholeMilliseconds(reclaimedAt)), cancellationToken).ConfigureAwait(false) is { } absent)
                {
                    return absent;
                }
            }
            else if (_ledger.TryClaimWhole(id, out var record))
            {
                var reclaimed = new ReclaimedReplica(certificate, length, StatementFields.WholeMilliseconds(reclaimedAt));
                var addition = _reclaimed.TryAdd(certificate, wasHeld: true)!;
                try
                {
                    await RemoveClaimedAsync(id, record, () => Files.Delete(id, record.ReplicaCount), cancellationToken, writer => Remember(reclaimed, addition, writer)).ConfigureAwait(false);
                }
                catch
                {
                    _reclaimed.Undo(addition);
                    throw;
                }

                _reclaimed.Confirm(addition);
                return reclaimed;
            }

            // It has just been stored or removed.
        }
    }

    /// <inheritdoc/>
    public async ValueTask<ReclaimedReplica?> FindReclaimedAsync(FileId fileId, CancellationToken cancellationToken = default) =>
        _reclaimed.Contains(fileId)
            ? await OnDiskAsync(fileId, () => _readers.ReadReclaim(fileId), cancellationToken).ConfigureAwait(false)
            : await OnDiskAsync(fileId, () => default(ReclaimedReplica), cancellationToken).ConfigureAwait(false);

    /// <inheritdoc/>
    public async ValueTask<int> ForgetReclaimedAsync(DateTimeOffset before, CancellationToken cancellationToken = default)
    {
        IReadOnlyList<FileId> forgotten = [];
        await _commits.RunAsync(default, writer => forgotten = writer.ForgetReclaims(before), removes: true, cancellationToken).ConfigureAwait(false);
        foreach (var id in forgotten)
        {
            _reclaimed.Remove(id);
        }

        return forgotten.Count;
    }

    /// <summary>Gives the length of a stored replica's content; null where none is stored, 0 where it can't be read any more.</summary>
    private async ValueTask<long?> FindLengthAsync(FileId id, CancellationToken cancellationToken)
    {
        try
        {
            var content = await OpenReadAsync(id, cancellationToken).ConfigureAwait(false);
            if (content is null)
            {
                return null;
            }

            await using (content.ConfigureAwait(false))
            {
                return content.Certificate.ContentLength;
            }
        }
        catch (ReplicaCorruptException)
        {
            return 0;
        }
    }

    /// <summary>Remembers a file that is not held; what was begun to be written of it is removed.</summary>
    /// <returns>Null where it is held by now.</returns>
    private async ValueTask<ReclaimedReplica?> TryReclaimAbsentAsync(ReclaimedReplica reclaimed, CancellationToken cancellationToken)
    {
        var id = reclaimed.Certificate.FileId;
        if (!_ledger.TryClaimUnstored(id, out var written))
        {
            return null;
        }

        try
        {
            // It takes room, where what was held leaves some behind.
            _space.Require(id, reclaimed.Certificate.Encoded.Length);
            var addition = _reclaimed.TryAdd(reclaimed.Certificate, wasHeld: false) ?? throw Full(id);
            try
            {
                await _commits.RunAsync(id, writer => Remember(reclaimed, addition, writer), cancellationToken: cancellationToken).ConfigureAwait(false);
            }
            catch
            {
                _reclaimed.Undo(addition);
                throw;
            }

            _reclaimed.Confirm(addition);
        }
        catch
        {
            if (written > 0)
            {
                _ledger.Suspend(id, written, _time.GetUtcNow());
            }
            else
            {
                _ledger.Release(id);
            }

            throw;
        }

        if (written > 0)
        {
            await TryOnDiskAsync(id, () => Files.DiscardPartial(id)).ConfigureAwait(false);
        }

        _ledger.Release(id);
        return reclaimed;
    }

    private static void Remember(ReclaimedReplica reclaimed, ReclaimedIds.Addition addition, DatabaseWriter writer)
    {
        writer.AddReclaim(reclaimed);
        foreach (var forgotten in addition.Forgotten)
        {
            writer.ForgetReclaim(forgotten);
        }
    }

    private static ReplicaStoreFullException Full(FileId id) =>
        new($"The file {id} was never held, and no more that owners have taken back can be remembered ({nameof(DiskReplicaStoreOptions.ReclaimsMax)}).");

    private void ThrowIfReclaimed(FileId id)
    {
        if (_reclaimed.Contains(id))
        {
            throw new ReplicaReclaimedException(id);
        }
    }
}
