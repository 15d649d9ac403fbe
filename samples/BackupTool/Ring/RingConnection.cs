using P2P.Past;
using P2P.Pastry;

namespace BackupTool.Ring;

/// <summary>Is the program's place in the ring that keeps the backups: a ring of its own within this process, or a guest of one elsewhere, who holds nothing for others and goes when it is done.</summary>
internal sealed class RingConnection : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly IAsyncDisposable _ring;
    private readonly IReadOnlyList<PastStore> _own;

    private RingConnection(IPastStore store, IAsyncDisposable ring, IReadOnlyList<PastStore> own) => (Store, _ring, _own) = (store, ring, own);

    public IPastStore Store { get; }

    /// <exception cref="BackupException">The ring can't be had.</exception>
    public static async Task<RingConnection> OpenAsync(RingSettings settings, CancellationToken cancellationToken)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(Patience);
        try
        {
            return settings.Bootstraps.Count == 0 ? await EmbedAsync(settings, patience.Token) : await VisitAsync(settings, patience.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new BackupException(
                ExitCode.RingUnavailable,
                settings.Bootstraps.Count == 0
                    ? $"The nodes in '{settings.Folder}' have not become a ring within {Patience.TotalSeconds} s; try again when the machine has less to do."
                    : $"Nobody answers at {string.Join(", ", settings.Bootstraps)}: is the ring there?");
        }
        catch (PastException exception) when (exception.InnerException is IOException)
        {
            throw new BackupException(ExitCode.RingUnavailable, $"The ring in '{settings.Folder}' can't be used: another program does already, or its folders can't be written. ({exception.Message})", exception);
        }
        catch (Exception exception) when (exception is PastException or PastryException)
        {
            throw new BackupException(ExitCode.RingUnavailable, exception.Message, exception);
        }
    }

    /// <summary>Reads every replica of the ring within this process; damaged ones are put aside, and made anew from others where there are some.</summary>
    /// <returns>How many were damaged, and how many of those are whole again.</returns>
    public async Task<(int Damaged, int Healed)> ScrubAsync(CancellationToken cancellationToken)
    {
        var damaged = new List<(PastStore Store, FileId File)>();
        foreach (var store in _own)
        {
            damaged.AddRange((await store.ScrubAsync(cancellationToken)).Select(file => (store, file)));
        }

        var healed = 0;
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(Patience);
        foreach (var (store, file) in damaged)
        {
            while (!store.Replicas.Contains(file) && !patience.IsCancellationRequested)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(20), cancellationToken);
            }

            healed += store.Replicas.Contains(file) ? 1 : 0;
        }

        return (damaged.Count, healed);
    }

    public ValueTask DisposeAsync() => _ring.DisposeAsync();

    // snippet: archive-of-ones-own
    private static async Task<RingConnection> EmbedAsync(RingSettings settings, CancellationToken cancellationToken)
    {
        var ring = await EmbeddedRing.StartAsync(
            new()
            {
                Directory = settings.Folder,
                Nodes = settings.Nodes,
                NodeCapacityBytes = settings.CapacityBytes ?? DiskBytes(settings.Folder),
            },
            cancellationToken);
        return new(ring.Store, ring, ring.Stores);
    }

    // end of snippet

    // snippet: guest-of-a-ring
    private static async Task<RingConnection> VisitAsync(RingSettings settings, CancellationToken cancellationToken)
    {
        var past = new PastStore(new() { Replicas = new MemoryReplicaStore(0) });
        var options = new PastryNodeOptions { Modules = { past } };
        foreach (var address in settings.Bootstraps)
        {
            options.Bootstraps.Add(address);
        }

        var node = await PastryNode.StartAsync(options, cancellationToken);
        try
        {
            await node.WhenReadyAsync(cancellationToken);
            return new(past, node, []);
        }
        catch
        {
            await node.DisposeAsync();
            throw;
        }
    }

    // end of snippet

    /// <summary>Counts the bytes of the disk that a folder lies or will lie on.</summary>
    private static long DiskBytes(string folder)
    {
        Directory.CreateDirectory(folder);
        return new DriveInfo(Path.GetFullPath(folder)).TotalSize;
    }
}
