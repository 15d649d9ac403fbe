using System.Collections.Concurrent;

namespace P2P.YouServ.Http.Files;

/// <summary>
/// Keeps small files in memory within a bound. Finding one takes no lock; when there is no room, a clock hand passes over those that were used since it last came by
/// and drops the first that was not.
/// </summary>
internal sealed class SmallFileCache(long bytesMax)
{
    private readonly ConcurrentDictionary<string, SmallFile> _files = new(StringComparer.Ordinal);
    private readonly LinkedList<SmallFile> _clock = [];
    private readonly Lock _lock = new();
    private long _bytes;

    /// <summary>Bytes held now.</summary>
    public long Bytes => Interlocked.Read(ref _bytes);

    public SmallFile? Find(SitePath path)
    {
        if (!_files.TryGetValue(path.Value, out var file))
        {
            return null;
        }

        if (!file.IsUsed)
        {
            file.IsUsed = true;
        }

        return file;
    }

    public void Add(SmallFile file)
    {
        lock (_lock)
        {
            if (file.Weight > bytesMax)
            {
                return;
            }

            Forget(file.Path);
            _files[file.Path] = file;
            file.Place = _clock.AddLast(file);
            _bytes += file.Weight;
            while (_bytes > bytesMax)
            {
                Turn();
            }
        }
    }

    /// <summary>Drops a file that has changed on the disk.</summary>
    public void Remove(SmallFile file)
    {
        lock (_lock)
        {
            if (_files.TryGetValue(file.Path, out var held) && held == file)
            {
                Forget(file.Path);
            }
        }
    }

    private void Forget(string path)
    {
        if (_files.TryRemove(path, out var file))
        {
            _clock.Remove(file.Place!);
            _bytes -= file.Weight;
        }
    }

    private void Turn()
    {
        var file = _clock.First!.Value;
        if (file.IsUsed)
        {
            file.IsUsed = false;
            _clock.RemoveFirst();
            _clock.AddLast(file.Place!);
        }
        else
        {
            Forget(file.Path);
        }
    }
}
