using System.CommandLine;
using BackupTool.Repository;
using BackupTool.Ring;
using P2P.Past;

namespace BackupTool.Commands;

/// <summary>Is what most verbs begin with: a place in the ring, and the repository, open.</summary>
internal sealed class OpenSession : IAsyncDisposable
{
    private OpenSession(RingConnection ring, BackupRepository repository) => (Ring, Repository) = (ring, repository);

    public RingConnection Ring { get; }

    public BackupRepository Repository { get; }

    public static async Task<OpenSession> OpenAsync(ParseResult arguments, CancellationToken cancellationToken)
    {
        var id = arguments.GetValue(CommonOptions.Repository) ?? FromEnvironment();
        var passphrase = await Passphrase.GetAsync(arguments, isNew: false, cancellationToken);
        return await OpenAsync(arguments, ring => BackupRepository.OpenAsync(ring.Store, id, passphrase, MemoryFolder(arguments), TimeProvider.System, cancellationToken), cancellationToken);
    }

    public static async Task<OpenSession> CreateAsync(ParseResult arguments, int replicas, CancellationToken cancellationToken)
    {
        var passphrase = await Passphrase.GetAsync(arguments, isNew: true, cancellationToken);
        return await OpenAsync(arguments, ring => BackupRepository.CreateAsync(ring.Store, passphrase, new() { Replicas = replicas }, MemoryFolder(arguments), TimeProvider.System, cancellationToken), cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        Repository.Dispose();
        await Ring.DisposeAsync();
    }

    /// <summary>The folders on this machine in which the program itself keeps things.</summary>
    public static IReadOnlyList<string> OwnFolders(ParseResult arguments) => [RingFolder(arguments), MemoryFolder(arguments)];

    private static async Task<OpenSession> OpenAsync(ParseResult arguments, Func<RingConnection, Task<BackupRepository>> open, CancellationToken cancellationToken)
    {
        var ring = await RingConnection.OpenAsync(
            new()
            {
                Folder = RingFolder(arguments),
                Nodes = arguments.GetValue(CommonOptions.Nodes),
                CapacityBytes = arguments.GetValue(CommonOptions.Capacity),
                Bootstraps = arguments.GetValue(CommonOptions.Bootstraps) ?? [],
            },
            cancellationToken);
        try
        {
            return new(ring, await open(ring));
        }
        catch
        {
            await ring.DisposeAsync();
            throw;
        }
    }

    private static string UserFolder => Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify);

    private static string RingFolder(ParseResult arguments) => Path.TrimEndingDirectorySeparator(arguments.GetValue(CommonOptions.Local)?.FullName ?? Path.Join(UserFolder, "p2p-backup"));

    private static string MemoryFolder(ParseResult arguments) => Path.TrimEndingDirectorySeparator(arguments.GetValue(CommonOptions.Cache)?.FullName ?? Path.Join(CacheFolder, "p2p-backup"));

    private static string CacheFolder =>
        OperatingSystem.IsWindows() ? Path.Join(UserFolder, "cache")
        : Environment.GetEnvironmentVariable("XDG_CACHE_HOME") is { Length: > 0 } caches ? caches
        : Path.Join(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache");

    private static FileId FromEnvironment() => Environment.GetEnvironmentVariable(CommonOptions.RepositoryVariable) switch
    {
        null => throw new BackupException(ExitCode.Usage, $"Which repository? Name its id with {CommonOptions.Repository.Name}, or set {CommonOptions.RepositoryVariable}; init makes a new one."),
        var text when FileId.TryParse(text, null, out var id) => id,
        var text => throw new BackupException(ExitCode.Usage, $"{CommonOptions.RepositoryVariable} is '{text}', which is no repository's id: 40 hexadecimal digits."),
    };
}
