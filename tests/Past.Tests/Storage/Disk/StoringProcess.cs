using System.Diagnostics;
using P2P.Past;
using static Past.Tests.Contract.ReplicaStoreContract;

namespace Past.Tests.Storage.Disk;

/// <summary>
/// Is a process that stores files, takes some back and gives others away to a neighbour's store, as maintenance does, several at a time, until it is killed. It says what
/// it is about to do, and what the stores have acknowledged, each in a line: a verb and the file's number.
/// </summary>
internal static class StoringProcess
{
    public const string Store = "store";
    public const string Stored = "stored";
    public const string Reclaim = "reclaim";
    public const string Reclaimed = "reclaimed";
    public const string Migrate = "migrate";
    public const string Migrated = "migrated";

    private const int AtATime = 8;

    public static Process Start(string directory, int firstFile)
    {
        string[] arguments = ["exec", typeof(StoringProcess).Assembly.Location, directory, $"{firstFile}"];
        return Process.Start(new ProcessStartInfo("dotnet", arguments) { RedirectStandardOutput = true })!;
    }

    public static byte[] Content(int file)
    {
        // Rows, rows and files at the border between them, and files of several leaves.
        var length = (file % 10) switch
        {
            < 6 => file * 37 % 4000,
            6 => 64 * 1024,
            7 => 64 * 1024 + 1,
            _ => ContentLayout.LeafSize * (file % 3) + 100_000,
        };
        return TestFiles.Content(length, file);
    }

    public static FileCertificate Certify(int file) => TestFiles.Certify(Content(file), $"file {file}");

    public static async Task<int> Main(string[] arguments)
    {
        if (arguments is not [var directory, var firstFile])
        {
            Console.Error.WriteLine("These are tests: dotnet test runs them.");
            return 2;
        }

        await using var store = await OpenAsync(directory);
        await using var neighbor = await OpenAsync(NeighborOf(directory));
        var next = int.Parse(firstFile) - 1;
        await Task.WhenAll(Enumerable.Range(0, AtATime).Select(_ => Task.Run(async () =>
        {
            while (true)
            {
                var file = Interlocked.Increment(ref next);
                Say(Store, file);
                await StoreAsync(store, file);
                Say(Stored, file);
                switch (file % 3)
                {
                    case 0:
                        Say(Reclaim, file);
                        await ReclaimAsync(store, file);
                        Say(Reclaimed, file);
                        break;
                    case 1:
                        Say(Migrate, file);
                        await MigrateAsync(store, neighbor, file);
                        Say(Migrated, file);
                        break;
                    default:
                        break;
                }
            }
        })));
        return 0;
    }

    /// <summary>The store to which files are given away.</summary>
    public static string NeighborOf(string directory) => Path.Combine(directory, "neighbor");

    public static Task<DiskReplicaStore> OpenAsync(string directory) =>
        DiskReplicaStore.OpenAsync(new() { Directory = directory, CapacityBytes = 1L << 40, DiskReserveBytes = 0 });

    public static async Task ReclaimAsync(IReplicaStore store, int file) =>
        await store.ReclaimAsync(TestFiles.TakeBack(Certify(file)), DateTimeOffset.UnixEpoch);

    /// <summary>Goes on wherever another life was cut off: the file is given up only when the neighbour holds it.</summary>
    public static async Task MigrateAsync(IReplicaStore store, IReplicaStore neighbor, int file)
    {
        var id = Certify(file).FileId;
        if (!neighbor.Contains(id))
        {
            await StoreAsync(neighbor, file);
        }

        await store.DeleteAsync(id);
    }

    public static async Task StoreAsync(IReplicaStore store, int file)
    {
        var (content, certificate) = (Content(file), Certify(file));
        if (file % 2 == 0)
        {
            await store.StoreAsync(certificate, content);
            return;
        }

        await using var writer = await store.BeginAsync(certificate);
        await AppendAsync(writer, content, certificate.Layout.LeafCount);
        await writer.CompleteAsync();
    }

    private static void Say(string verb, int file)
    {
        lock (Console.Out)
        {
            Console.Out.WriteLine($"{verb} {file}");
        }
    }
}
