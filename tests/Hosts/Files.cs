using System.Security.Cryptography;
using NodeSample;

namespace Hosts;

/// <summary>Makes files, stores them in the ring, and looks whether they come back as they were.</summary>
internal sealed class Files(string folder)
{
    private readonly Random _random = new(1);
    private int _made;

    /// <summary>Makes a file with contents of its own, and stores it through a host.</summary>
    public async Task<StoredFile> PutAsync(Host through, int length, CancellationToken cancellationToken)
    {
        var content = new byte[length];
        _random.NextBytes(content);
        var path = Path.Combine(folder, $"file-{_made++}");
        await File.WriteAllBytesAsync(path, content, cancellationToken);
        var id = await through.PutAsync(path, cancellationToken);
        File.Delete(path);
        return new StoredFile(id, Convert.ToHexString(SHA256.HashData(content)));
    }

    /// <summary>Fetches a file through a host.</summary>
    /// <exception cref="FailedException">It can't be fetched, or is another.</exception>
    public async Task GetAsync(Host through, StoredFile file, CancellationToken cancellationToken)
    {
        var path = Path.Combine(folder, $"fetched-{through.Name}-{file.Id}");
        await through.GetAsync(file.Id, path, cancellationToken);
        await using (var fetched = File.OpenRead(path))
        {
            var hash = Convert.ToHexString(await SHA256.HashDataAsync(fetched, cancellationToken));
            if (hash != file.Hash)
            {
                throw new FailedException($"What host {through.Name} fetched for {file.Id} is not what was stored.");
            }
        }

        File.Delete(path);
    }
}

/// <summary>Is a file in the ring.</summary>
/// <param name="Id">Its id there.</param>
/// <param name="Hash">The hash of its content.</param>
internal sealed record StoredFile(string Id, string Hash);
