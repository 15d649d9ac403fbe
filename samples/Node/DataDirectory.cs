namespace NodeSample;

/// <summary>Is the directory of one node, which one process at a time may use.</summary>
/// <remarks>
/// <code>
/// node.key, incarnation   who the node is, and which of its lives this is
/// node.cert               what admits it to a closed ring, where somebody has put it there
/// host.key                what it proves itself with in TLS
/// user.key                who owns the files that are put through it
/// broker.db               the books of the broker, where one runs on the node; its log lies beside it
/// peers                   whom it knew last, to find its ring again
/// replicas/               what it keeps for the ring
/// control.sock            where the verbs reach it
/// lock                    held while it runs
/// </code>
/// </remarks>
internal sealed class DataDirectory : IDisposable
{
    /// <summary>The system's limit for a socket's path, less its terminator.</summary>
    private const int SocketPathLengthMax = 107;

    private readonly FileStream _lock;

    private DataDirectory(string path, FileStream @lock)
    {
        Path = path;
        _lock = @lock;
    }

    public string Path { get; }

    public string HostKeyFile => System.IO.Path.Combine(Path, "host.key");

    public string UserKeyFile => UserKeyFileOf(Path);

    public string CertificateFile => System.IO.Path.Combine(Path, "node.cert");

    public string PeersFile => System.IO.Path.Combine(Path, "peers");

    public string BrokerFile => System.IO.Path.Combine(Path, "broker.db");

    public string ReplicaDirectory => System.IO.Path.Combine(Path, "replicas");

    public string ControlSocket => ControlSocketOf(Path);

    public static string ControlSocketOf(string directory) => System.IO.Path.Combine(System.IO.Path.GetFullPath(directory), "control.sock");

    /// <summary>The file that the library keeps the node's key in.</summary>
    public static string NodeKeyFileOf(string directory) => System.IO.Path.Combine(System.IO.Path.GetFullPath(directory), "node.key");

    /// <summary>The file that the key of the node's user is kept in.</summary>
    public static string UserKeyFileOf(string directory) => System.IO.Path.Combine(System.IO.Path.GetFullPath(directory), "user.key");

    /// <summary>Makes the directory, for its owner only, where it is missing.</summary>
    public static void Make(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(path);
        }
        else
        {
            Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }

    /// <summary>Takes the directory for this process, and makes it, for its owner only, where it is missing.</summary>
    /// <exception cref="FailedException">It can't be used, or another process uses it.</exception>
    public static DataDirectory Open(string directory)
    {
        var path = System.IO.Path.GetFullPath(directory);
        if (System.Text.Encoding.UTF8.GetByteCount(ControlSocketOf(path)) > SocketPathLengthMax)
        {
            throw new FailedException($"The data directory's path '{path}' is too long for a socket within it; choose a shorter one.");
        }

        try
        {
            return new DataDirectory(path, Take(path));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new FailedException($"The data directory '{path}' can't be used: {exception.Message} Choose one that this user may write to.");
        }
    }

    public void Dispose() => _lock.Dispose();

    private static FileStream Take(string path)
    {
        var options = new FileStreamOptions { Mode = FileMode.OpenOrCreate, Access = FileAccess.ReadWrite, Share = FileShare.None };
        Make(path);
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        var lockFile = System.IO.Path.Combine(path, "lock");
        try
        {
            return new FileStream(lockFile, options);
        }
        catch (IOException exception) when (exception.GetType() == typeof(IOException) && File.Exists(lockFile))
        {
            throw new FailedException($"The data directory '{path}' is used by another process; stop that, or give this node a directory of its own.");
        }
    }
}
