using System.Diagnostics;
using P2P.Past;
using static Past.Tests.Contract.ReplicaStoreContract;

namespace Past.Tests.Storage.Disk;

/// <summary>
/// Is a process that stores and deletes, several files at a time, until it is killed. It says what it is about to do, and what the store has acknowledged, each in a line:
/// a verb and the file's number.
/// </summary>
internal static class StoringProcess
{
    public const string Store = "store";
    public const string Stored = "stored";
    public const string Delete = "delete";
    public const string Deleted = "deleted";

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

        await using var store = await DiskReplicaStore.OpenAsync(new() { Directory = directory, CapacityBytes = 1L << 40, DiskReserveBytes = 0 });
        var next = int.Parse(firstFile) - 1;
        await Task.WhenAll(Enumerable.Range(0, AtATime).Select(_ => Task.Run(async () =>
        {
            while (true)
            {
                var file = Interlocked.Increment(ref next);
                Say(Store, file);
                await StoreAsync(store, file);
                Say(Stored, file);
                if (file % 3 == 0)
                {
                    Say(Delete, file);
                    await store.DeleteAsync(Certify(file).FileId);
                    Say(Deleted, file);
                }
            }
        })));
        return 0;
    }

    private static async Task StoreAsync(DiskReplicaStore store, int file)
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
