using System.Security.Cryptography;
using P2P.Past;
using P2P.Pastry;

namespace NativeSmoke;

/// <summary>Stores files on three disks, whose index is SQLite: a native library that lies beside the program.</summary>
internal static class ArchiveStep
{
    private const string Folder = "third";

    public static async Task RunAsync(Workplace workplace)
    {
        using var owner = SigningKey.Create();
        byte[][] contents = [RandomNumberGenerator.GetBytes(1000), RandomNumberGenerator.GetBytes(3_000_000)];
        var files = new List<FileId>();
        var stores = new List<PastStore>();
        foreach (var name in (string[])["first", "second", Folder])
        {
            stores.Add(new PastStore(new() { Replicas = await OpenAsync(workplace, name) }));
        }

        await using (var first = await workplace.StartNodeAsync(stores[0]))
        await using (var second = await workplace.StartNodeAsync(stores[1], first))
        await using (var third = await workplace.StartNodeAsync(stores[2], first))
        {
            foreach (var content in contents)
            {
                var inserted = await stores[0].InsertAsync("a file", owner, content, cancellationToken: workplace.Limit);
                Claims.Hold(inserted is InsertResult.Stored { Receipts.Length: 3 });
                var found = await stores[2].LookupAsync(inserted.FileId, workplace.Limit) as LookupResult.Found;
                var copy = await found!.File.ReadAllBytesAsync(workplace.Limit);
                Claims.Hold(content.AsSpan().SequenceEqual(copy));
                files.Add(inserted.FileId);
            }
        }

        await using var replicas = await OpenAsync(workplace, Folder);
        foreach (var file in files)
        {
            Claims.Hold(await replicas.VerifyAsync(file, workplace.Limit) == ReplicaCondition.Intact);
        }
    }

    private static async Task<DiskReplicaStore> OpenAsync(Workplace workplace, string name) =>
        await DiskReplicaStore.OpenAsync(new() { Directory = workplace.PathOf(name), CapacityBytes = 1 << 26 }, workplace.Limit);
}
