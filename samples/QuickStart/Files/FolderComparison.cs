namespace QuickStart;

/// <summary>Compares two folders: names, empty folders and every byte.</summary>
internal static class FolderComparison
{
    private const int BufferLength = 1 << 16;

    /// <returns>What differs, one line each; nothing where the folders are equal.</returns>
    public static async Task<IReadOnlyList<string>> CompareAsync(string left, string right, CancellationToken cancellationToken)
    {
        var differences = new List<string>();
        var leftNames = NamesIn(left);
        var rightNames = NamesIn(right);
        differences.AddRange(leftNames.Except(rightNames).Select(name => $"missing: {name}"));
        differences.AddRange(rightNames.Except(leftNames).Select(name => $"too many: {name}"));
        foreach (var name in leftNames.Intersect(rightNames).Where(name => File.Exists(Path.Combine(left, name))))
        {
            if (!await HaveSameBytesAsync(Path.Combine(left, name), Path.Combine(right, name), cancellationToken))
            {
                differences.Add($"differs: {name}");
            }
        }

        return differences;
    }

    private static HashSet<string> NamesIn(string folder) =>
        [.. Directory.EnumerateFileSystemEntries(folder, "*", SearchOption.AllDirectories).Select(path => Path.GetRelativePath(folder, path))];

    private static async Task<bool> HaveSameBytesAsync(string left, string right, CancellationToken cancellationToken)
    {
        await using var a = File.OpenRead(left);
        await using var b = File.OpenRead(right);
        if (a.Length != b.Length)
        {
            return false;
        }

        var (bufferA, bufferB) = (new byte[BufferLength], new byte[BufferLength]);
        while (true)
        {
            var count = await a.ReadAtLeastAsync(bufferA, BufferLength, throwOnEndOfStream: false, cancellationToken);
            await b.ReadAtLeastAsync(bufferB.AsMemory(0, count), count, throwOnEndOfStream: false, cancellationToken);
            if (!bufferA.AsSpan(0, count).SequenceEqual(bufferB.AsSpan(0, count)))
            {
                return false;
            }

            if (count == 0)
            {
                return true;
            }
        }
    }
}
