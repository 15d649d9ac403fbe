using P2P.Past;
using P2P.Pastry;
using QuickStart.Input;
using QuickStart.Ring;

namespace QuickStart.Dashboard;

/// <summary>Knows the files whose replicas the dashboard shows: some of the folder's, or notes where it has too few.</summary>
internal sealed class Shelf
{
    private const int FilesMax = 24;

    private const int FilesMin = 6;

    private const long LengthMax = 1 << 20;

    private readonly List<Shelved> _files = [];

    public IReadOnlyList<Shelved> Files => _files;

    /// <summary>Takes files from all over the folder, and stores them through one node after the other.</summary>
    public static async Task<Shelf> FillAsync(LocalRing ring, InputFolder input, CancellationToken cancellationToken)
    {
        using var owner = SigningKey.Create();
        var shelf = new Shelf();
        InputFile[] fitting = [.. input.Files.Where(file => file.Length is > 0 and <= LengthMax)];
        var step = Math.Max(1, (double)fitting.Length / FilesMax);
        for (var at = 0.0; (int)at < fitting.Length && shelf._files.Count < FilesMax; at += step)
        {
            var file = fitting[(int)at];
            await using var content = file.Open();
            using var bytes = new MemoryStream();
            await content.CopyToAsync(bytes, cancellationToken);
            await shelf.AddAsync(ring, file.Name, bytes.ToArray(), owner, cancellationToken);
        }

        while (shelf._files.Count < FilesMin)
        {
            await shelf.AddAsync(ring, $"note {shelf._files.Count + 1}", "A note that the folder has no file for."u8.ToArray(), owner, cancellationToken);
        }

        return shelf;
    }

    private async Task AddAsync(LocalRing ring, string name, byte[] content, ISigner owner, CancellationToken cancellationToken)
    {
        var live = ring.Live;
        var past = live[_files.Count % live.Count].Past;
        var result = await past.InsertAsync(name, owner, content, new() { ReplicaCount = RingDefaults.Replicas }, cancellationToken);
        _files.Add(result is InsertResult.Stored stored ? new(name, stored.FileId, content.Length) : throw new PastException($"'{name}' could not be stored: {result}."));
    }
}

/// <summary>Is one file of the shelf.</summary>
internal sealed record Shelved(string Name, FileId Id, long Length)
{
    /// <summary>Where it lies on the ring: the upper 128 of its 160 bits.</summary>
    public NodeId Place { get; } = NodeId.Parse(Id.ToString()[..(2 * NodeId.ByteLength)]);
}
