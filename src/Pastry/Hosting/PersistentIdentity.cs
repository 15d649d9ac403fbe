using System.Globalization;
using P2P.Pastry.Transport;

namespace P2P.Pastry;

/// <summary>Keeps who a node is in a directory, so that it comes back as the same node, in a life of its own.</summary>
public static class PersistentIdentity
{
    private const string KeyFile = "node.key";
    private const string IncarnationFile = "incarnation";

    /// <summary>Loads the node's key from the directory, or makes one there, and begins the node's next life.</summary>
    /// <param name="directory">The directory; it is made where it does not exist, for its owner only.</param>
    /// <exception cref="PastryException">The directory can't be used, or what is in it is no key.</exception>
    public static NodeIdentity Load(string directory)
    {
        return Load(directory, () => SigningKey.LoadOrCreate(Path.Combine(directory, KeyFile)));
    }

    /// <summary>Begins the next life of a node whose key is kept elsewhere; the directory remembers only which life that is.</summary>
    /// <param name="directory">The directory; it is made where it does not exist, for its owner only.</param>
    /// <param name="key">The node's key.</param>
    /// <exception cref="PastryException">The directory can't be used.</exception>
    public static NodeIdentity Load(string directory, SigningKey key)
    {
        ArgumentNullException.ThrowIfNull(key);
        return Load(directory, () => key);
    }

    private static NodeIdentity Load(string directory, Func<SigningKey> loadKey)
    {
        ArgumentException.ThrowIfNullOrEmpty(directory);
        try
        {
            if (OperatingSystem.IsWindows())
            {
                Directory.CreateDirectory(directory);
            }
            else
            {
                Directory.CreateDirectory(directory, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            }

            return new NodeIdentity(loadKey(), NextIncarnation(Path.Combine(directory, IncarnationFile)));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new PastryException(
                $"The directory '{directory}' can't hold a node's identity: {exception.Message} Give the node a directory that it may write to.", exception);
        }
    }

    /// <summary>The wall clock makes lives of a lost directory come in order; the stored number does so when the clock was set back.</summary>
    private static ulong NextIncarnation(string path)
    {
        var next = FromClock(TimeProvider.System);
        if (File.Exists(path) && ulong.TryParse(File.ReadAllText(path), NumberStyles.None, CultureInfo.InvariantCulture, out var last))
        {
            next = Math.Max(next, last + 1);
        }

        var temporary = path + ".tmp";
        File.WriteAllText(temporary, next.ToString(CultureInfo.InvariantCulture));
        File.Move(temporary, path, overwrite: true);
        return next;
    }

    internal static ulong FromClock(TimeProvider time) => (ulong)Math.Max(1, time.GetUtcNow().ToUnixTimeMilliseconds());
}
