using System.Globalization;
using P2P.Past;

namespace BackupTool.Repository;

/// <summary>
/// Is what a machine remembers of a repository: which head it has seen last, and indexes, sealed as they are in the ring. All of it can be lost. Where it is there, less is fetched, and a ring that shows an
/// older state than before is found out.
/// </summary>
internal sealed class LocalMemory
{
    private const string HeadName = "head";

    private readonly string _folder;

    /// <param name="folder">Where it is kept; made when there is something to keep.</param>
    public LocalMemory(string folder) => _folder = folder;

    /// <summary>The number of the last head that was seen; 0 where nothing is remembered.</summary>
    public long Head => TryRead(HeadName) is { } text && long.TryParse(System.Text.Encoding.ASCII.GetString(text).Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0;

    public void RememberHead(long number) => Write(HeadName, System.Text.Encoding.ASCII.GetBytes(number.ToString(CultureInfo.InvariantCulture)));

    /// <summary>Gives a file of the ring; null where it is not remembered.</summary>
    public byte[]? TryRead(FileId file) => TryRead(file.ToString());

    public void Remember(FileId file, byte[] content) => Write(file.ToString(), content);

    /// <summary>Forgets the files that are not named.</summary>
    public void KeepOnly(IEnumerable<string> files)
    {
        try
        {
            var kept = files.Append(HeadName).ToHashSet(StringComparer.OrdinalIgnoreCase);
            foreach (var path in Directory.Exists(_folder) ? Directory.GetFiles(_folder) : [])
            {
                if (!kept.Contains(Path.GetFileName(path)))
                {
                    File.Delete(path);
                }
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // What is left over is in nobody's way.
        }
    }

    private byte[]? TryRead(string name)
    {
        try
        {
            var path = Path.Join(_folder, name);
            return File.Exists(path) ? File.ReadAllBytes(path) : null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Writes beside, and renames: nobody reads a half file.</summary>
    private void Write(string name, byte[] content)
    {
        try
        {
            // Its name is half of what somebody needs who wants to try passphrases.
            if (OperatingSystem.IsWindows())
            {
                Directory.CreateDirectory(_folder);
            }
            else
            {
                Directory.CreateDirectory(Path.GetDirectoryName(_folder)!, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
                Directory.CreateDirectory(_folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            }

            var draft = Path.Join(_folder, Path.GetRandomFileName());
            File.WriteAllBytes(draft, content);
            File.Move(draft, Path.Join(_folder, name), overwrite: true);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // A full or read-only disk takes no backup away.
        }
    }
}
