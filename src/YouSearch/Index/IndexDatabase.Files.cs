using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;

namespace P2P.YouSearch.Index;

/// <summary>What becomes of files that are of no use.</summary>
internal sealed partial class IndexDatabase
{
    private const int HeaderLength = 100;
    private const int ApplicationIdOffset = 68;

    private static readonly string[] Companions = ["-wal", "-shm", "-journal"];

    /// <summary>What SQLite makes beside the file has the rights that the file has from the beginning.</summary>
    private static void CreatePrivate(string path)
    {
        var options = new FileStreamOptions { Mode = FileMode.OpenOrCreate, Access = FileAccess.ReadWrite, Share = FileShare.ReadWrite | FileShare.Delete };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        File.Open(path, options).Dispose();
    }

    private static YouSearchException Unusable(SqliteException failure) =>
        new($"The index cannot be used: {failure.Message} Check that its disk is there and has room.", failure);

    /// <summary>Deletes a damaged index. What may never have been one keeps its content under another name: a path is soon mistyped.</summary>
    private void SetAside()
    {
        if (!IsOurs())
        {
            File.Move(_path, $"{_path}.damaged", overwrite: true);
        }

        Delete();
    }

    private void Delete()
    {
        File.Delete(_path);
        foreach (var companion in Companions)
        {
            File.Delete(_path + companion);
        }
    }

    private bool IsOurs()
    {
        Span<byte> header = stackalloc byte[HeaderLength];
        using var file = File.OpenRead(_path);
        return file.ReadAtLeast(header, HeaderLength, throwOnEndOfStream: false) == HeaderLength
            && System.Buffers.Binary.BinaryPrimitives.ReadUInt32BigEndian(header[ApplicationIdOffset..]) == IndexSchema.ApplicationId;
    }

    private void Close()
    {
        while (_idle.TryTake(out var session))
        {
            session.Dispose();
        }

        _writer?.Dispose();
        _writer = null;
    }

    [LoggerMessage(6200, LogLevel.Warning, "The index in {Path} is damaged and begins anew, empty: {Problem}")]
    private partial void LogDamaged(string path, string problem);

    [LoggerMessage(6201, LogLevel.Information, "The index in {Path} is of another version and begins anew, empty.")]
    private partial void LogOutdated(string path);
}
