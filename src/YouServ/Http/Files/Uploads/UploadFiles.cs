using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.Win32.SafeHandles;

namespace P2P.YouServ.Http.Files;

/// <summary>
/// Keeps unfinished uploads in the site's folder, where no request sees them, so that a finished one moves into its place in one step: <c>id.part</c> holds the bytes,
/// and how many have come is its length; <c>id.json</c> says what they are to become.
/// </summary>
internal sealed class UploadFiles(SiteFolder folder)
{
    private const string Part = ".part";
    private const string Description = ".json";
    private const int DescriptionBytesMax = 64 << 10;
    private const int PieceBytes = 1 << 20;

    private static readonly SitePath Uploads = SitePath.Parse(SiteFilesOptions.ReservedPrefix).Append("uploads");

    /// <summary>Reads what a run before this one has left, and sweeps up halves.</summary>
    public List<UploadSession> Load()
    {
        var sessions = new List<UploadSession>();
        foreach (var (name, _) in folder.List(Uploads).ToList())
        {
            var id = name[..Math.Max(0, name.LastIndexOf('.'))];
            if (name.EndsWith(Part, StringComparison.Ordinal) && TryRead(id) is not null)
            {
                continue;
            }

            if (name.EndsWith(Description, StringComparison.Ordinal)
                && TryRead(id) is { } upload
                && folder.Find(PartOf(id)) is { Kind: EntryKind.File } part
                && part.Stamp.Length <= upload.Length)
            {
                sessions.Add(new(upload, part.Stamp.Length, part.Stamp.ModifiedAt));
                continue;
            }

            _ = folder.Delete(Uploads.Append(name));
        }

        return sessions;
    }

    /// <summary>Writes what an upload is to become; false if the system refuses.</summary>
    public bool TryCreate(Upload upload)
    {
        if (CreateFolders(Uploads) != ChangeOutcome.Done)
        {
            return false;
        }

        using var part = folder.OpenOwn(PartOf(upload.Id));
        using var description = folder.OpenOwn(DescriptionOf(upload.Id));
        if (part is null || description is null)
        {
            return false;
        }

        // Not flushed: should the machine fail now, the client begins again, and many small files are spared a wait for the disk each.
        RandomAccess.Write(description, JsonSerializer.SerializeToUtf8Bytes(upload, UploadJson.Default.Upload), 0);
        return true;
    }

    public SafeFileHandle? OpenPart(string id) => folder.OpenOwn(PartOf(id));

    /// <summary>Moves the bytes into their place, making the folders on the way.</summary>
    public ChangeOutcome MoveInto(Upload upload, bool overwrites)
    {
        var outcome = CreateFolders(upload.Target.Parent);
        outcome = outcome == ChangeOutcome.Done ? folder.Move(PartOf(upload.Id), upload.Target, overwrites) : outcome;
        if (outcome == ChangeOutcome.Done)
        {
            _ = folder.Delete(DescriptionOf(upload.Id));
        }

        return outcome;
    }

    public void Delete(string id)
    {
        _ = folder.Delete(PartOf(id));
        _ = folder.Delete(DescriptionOf(id));
    }

    /// <summary>Hashes all bytes that have come.</summary>
    public static async Task<string> HashAsync(SafeFileHandle part, long length)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = new byte[Math.Min(PieceBytes, length)];
        int read;
        for (long done = 0; done < length && (read = await RandomAccess.ReadAsync(part, buffer, done).ConfigureAwait(false)) > 0; done += read)
        {
            hash.AppendData(buffer.AsSpan(0, read));
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private static SitePath PartOf(string id) => Uploads.Append(id + Part);

    private static SitePath DescriptionOf(string id) => Uploads.Append(id + Description);

    private ChangeOutcome CreateFolders(SitePath path)
    {
        if (path.IsRoot || folder.Find(path).Kind == EntryKind.Folder)
        {
            return ChangeOutcome.Done;
        }

        var above = CreateFolders(path.Parent);
        var outcome = above == ChangeOutcome.Done ? folder.CreateFolder(path) : above;

        // Another upload may have made it just now.
        return outcome == ChangeOutcome.Exists && folder.Find(path).Kind == EntryKind.Folder ? ChangeOutcome.Done : outcome;
    }

    private Upload? TryRead(string id)
    {
        if (id.Length == 0)
        {
            return null;
        }

        using var file = folder.OpenFile(DescriptionOf(id), out var entry);
        if (file is null || entry.Stamp.Length > DescriptionBytesMax)
        {
            return null;
        }

        var bytes = new byte[entry.Stamp.Length];
        try
        {
            var upload = JsonSerializer.Deserialize(bytes.AsSpan(0, RandomAccess.Read(file, bytes, 0)), UploadJson.Default.Upload);
            return upload?.Id == id && SitePath.TryParse(upload.Path, out _) ? upload : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
