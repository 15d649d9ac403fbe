using System.Collections.Concurrent;
using System.IO.Pipelines;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Http;
using P2P.YouServ.Protocol;

namespace P2P.YouServ.Http.Files;

/// <summary>Takes uploads in pieces, within bounds of number, size and room, and puts each into its place once it is whole.</summary>
internal sealed class UploadStore
{
    // How many bytes are written between two looks at the room that is left.
    private const long RoomStep = 16 << 20;

    private readonly SiteFolder _folder;
    private readonly SiteFilesOptions _options;
    private readonly TimeProvider _time;
    private readonly Func<long> _freeBytes;
    private readonly UploadFiles _files;
    private readonly ConcurrentDictionary<string, UploadSession> _sessions;
    private readonly Lock _places = new();

    /// <summary>Opens the store, with what was unfinished when the site stopped.</summary>
    /// <param name="folder">The site's folder.</param>
    /// <param name="options">The bounds.</param>
    /// <param name="time">The clock.</param>
    /// <param name="freeBytes">How much room the disk has; asked again and again.</param>
    public UploadStore(SiteFolder folder, SiteFilesOptions options, TimeProvider time, Func<long> freeBytes)
    {
        _folder = folder;
        _options = options;
        _time = time;
        _freeBytes = freeBytes;
        _files = new(folder);
        _sessions = new(_files.Load().Select(session => KeyValuePair.Create(session.Upload.Id, session)));
    }

    public static string NewId() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));

    public DateTimeOffset ExpiryOf(UploadSession session) => session.WrittenAt + _options.UploadExpiry;

    /// <summary>Begins an upload, after dropping those that nobody goes on with.</summary>
    /// <returns>Why not, or <see cref="UploadResult.Stored"/>.</returns>
    public UploadResult TryBegin(Upload upload)
    {
        DropExpired();
        if (upload.Length > _options.UploadBytesMax)
        {
            return UploadResult.TooLong;
        }

        if (CheckPlace(upload) is { } refusal)
        {
            return refusal;
        }

        lock (_places)
        {
            if (_sessions.Values.Count(session => !session.IsFinished) >= _options.UploadsMax)
            {
                return UploadResult.TooMany;
            }

            // Room is promised to each upload when it begins, so that those that are under way can end.
            if (Room() - _sessions.Values.Sum(session => session.Missing) < upload.Length)
            {
                return UploadResult.NoSpace;
            }

            if (!_files.TryCreate(upload))
            {
                return UploadResult.Refused;
            }

            _sessions[upload.Id] = new(upload, 0, _time.GetUtcNow());
            return UploadResult.Stored;
        }
    }

    /// <summary>Finds an upload that is not too old to go on.</summary>
    public UploadSession? Find(string id) =>
        _sessions.TryGetValue(id, out var session) && ExpiryOf(session) > _time.GetUtcNow() ? session : null;

    /// <summary>
    /// Tells how an upload stands, after ending what a request whose client has gone still does with it. One that is whole is finished first: a client that hears that
    /// all bytes are there does not come back.
    /// </summary>
    public async Task<UploadResult> SettleAsync(string id, CancellationToken cancellationToken) =>
        Find(id) is { } session
            ? await session.TakeOverAsync(_ => session.Missing == 0 ? FinishAsync(session) : Task.FromResult(StateOf(session)), cancellationToken).ConfigureAwait(false)
            : UploadResult.Unknown;

    /// <summary>Appends what a request brings, and finishes the upload when it is whole.</summary>
    public async Task<(UploadResult Result, long Offset)> AppendAsync(string id, long offset, PipeReader body, CancellationToken cancellationToken)
    {
        if (Find(id) is not { } session)
        {
            return (UploadResult.Unknown, 0);
        }

        try
        {
            var result = await session.TakeOverAsync(token => AppendAsync(session, offset, body, token), cancellationToken).ConfigureAwait(false);
            return (result, session.Offset);
        }
        catch (OperationCanceledException)
        {
            return (UploadResult.Interrupted, session.Offset);
        }
    }

    /// <summary>Drops an upload.</summary>
    public async Task<bool> DropAsync(string id, CancellationToken cancellationToken) =>
        Find(id) is { } session && await session.TakeOverAsync(_ => Task.FromResult(Drop(session)), cancellationToken).ConfigureAwait(false);

    private long Room() => _freeBytes() - _options.FreeBytesReserve;

    private void DropExpired()
    {
        foreach (var session in _sessions.Values.Where(session => ExpiryOf(session) <= _time.GetUtcNow()))
        {
            Drop(session);
        }
    }

    private bool Drop(UploadSession session)
    {
        var wasThere = _sessions.TryRemove(session.Upload.Id, out _);
        session.IsGone = true;
        _files.Delete(session.Upload.Id);
        return wasThere;
    }

    private static UploadResult StateOf(UploadSession session) =>
        session.IsFinished ? UploadResult.Finished : session.IsGone ? UploadResult.Unknown : UploadResult.Stored;

    private async Task<UploadResult> AppendAsync(UploadSession session, long offset, PipeReader body, CancellationToken cancellationToken)
    {
        if (session.IsGone)
        {
            return UploadResult.Unknown;
        }

        if (offset != session.Offset)
        {
            return UploadResult.WrongOffset;
        }

        if (session.Missing > 0 && await WriteAsync(session, body, cancellationToken).ConfigureAwait(false) is not UploadResult.Stored and var result)
        {
            return result;
        }

        return session.Missing == 0 ? await FinishAsync(session).ConfigureAwait(false) : UploadResult.Stored;
    }

    private async Task<UploadResult> WriteAsync(UploadSession session, PipeReader body, CancellationToken cancellationToken)
    {
        using var part = _files.OpenPart(session.Upload.Id);
        if (part is null)
        {
            return UploadResult.Refused;
        }

        var roomChecked = 0L;
        while (true)
        {
            if (await TryReadAsync(body, cancellationToken).ConfigureAwait(false) is not { } read)
            {
                return UploadResult.Stored;
            }

            if (read.Buffer.Length > session.Missing)
            {
                body.AdvanceTo(read.Buffer.Start);
                return UploadResult.TooLong;
            }

            if (roomChecked < read.Buffer.Length)
            {
                roomChecked = Math.Max(RoomStep, read.Buffer.Length);
                if (Room() < Math.Min(roomChecked, session.Missing))
                {
                    body.AdvanceTo(read.Buffer.Start);
                    return UploadResult.NoSpace;
                }
            }

            foreach (var segment in read.Buffer)
            {
                await RandomAccess.WriteAsync(part, segment, session.Offset, cancellationToken).ConfigureAwait(false);
                session.Offset += segment.Length;
            }

            session.WrittenAt = _time.GetUtcNow();

            roomChecked -= read.Buffer.Length;
            body.AdvanceTo(read.Buffer.End);
            if (read.IsCompleted)
            {
                return UploadResult.Stored;
            }
        }
    }

    /// <summary>Reads what comes next; null if the connection is gone. What was written before counts.</summary>
    private static async ValueTask<ReadResult?> TryReadAsync(PipeReader body, CancellationToken cancellationToken)
    {
        try
        {
            return await body.ReadAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (IOException e) when (e is not BadHttpRequestException)
        {
            return null;
        }
    }

    /// <summary>Checks a whole upload and moves it into its place; goes on though the client leaves, who takes it for done.</summary>
    private async Task<UploadResult> FinishAsync(UploadSession session)
    {
        if (session.IsGone || session.IsFinished)
        {
            return StateOf(session);
        }

        var upload = session.Upload;
        using var part = _files.OpenPart(upload.Id);
        if (part is null)
        {
            return UploadResult.Refused;
        }

        if (upload.Sha256 is { } expected && await UploadFiles.HashAsync(part, upload.Length).ConfigureAwait(false) != expected)
        {
            Drop(session);
            return UploadResult.WrongContent;
        }

        RandomAccess.FlushToDisk(part);
        lock (_places)
        {
            // A refusal leaves the bytes: the owner may make way, and ask once more with nothing to add.
            if (CheckPlace(upload) is { } refusal)
            {
                return refusal;
            }

            var outcome = _files.MoveInto(upload, upload.Overwrites || upload.IfMatch is not null);
            if (outcome != ChangeOutcome.Done)
            {
                return outcome switch
                {
                    ChangeOutcome.Exists => UploadResult.Exists,
                    ChangeOutcome.NoSpace => UploadResult.NoSpace,
                    _ => UploadResult.Refused,
                };
            }

            session.IsFinished = true;
            ForgetFinished();
            return UploadResult.Finished;
        }
    }

    /// <summary>As many finished uploads are remembered as unfinished ones may be.</summary>
    private void ForgetFinished()
    {
        foreach (var session in _sessions.Values.Where(session => session.IsFinished).OrderByDescending(session => session.WrittenAt).Skip(_options.UploadsMax))
        {
            _sessions.TryRemove(session.Upload.Id, out _);
        }
    }

    private UploadResult? CheckPlace(Upload upload)
    {
        var there = _folder.Find(upload.Target);
        if (upload.IfMatch is { } tag)
        {
            return there.Kind == EntryKind.File && EntityTags.Contains(tag, FileHeaders.TagOf(there.Stamp), isWeakEnough: false) ? null : UploadResult.Changed;
        }

        return there.Kind == EntryKind.Missing || (there.Kind == EntryKind.File && upload.Overwrites) ? null : UploadResult.Exists;
    }
}
