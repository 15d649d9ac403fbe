using QuickStart.Input;

namespace QuickStart.Files;

/// <summary>Compares two folders: names, empty folders and every byte.</summary>
internal static class FolderComparison
{
    private const int BufferLength = 1 << 16;

    /// <returns>What differs, one line each; nothing where the folders are equal.</returns>
    public static async Task<IReadOnlyList<string>> CompareAsync(InputFolder left, InputFolder right, CancellationToken cancellationToken)
    {
        var differences = new List<string>();
        var (leftFiles, rightFiles) = (left.Files.ToDictionary(file => file.Name), right.Files.ToDictionary(file => file.Name));
        string[] leftNames = [.. leftFiles.Keys, .. left.EmptyFolders.Select(name => $"{name}/")];
        string[] rightNames = [.. rightFiles.Keys, .. right.EmptyFolders.Select(name => $"{name}/")];
        differences.AddRange(leftNames.Except(rightNames).Select(name => $"missing: {name}"));
        differences.AddRange(rightNames.Except(leftNames).Select(name => $"too many: {name}"));
        foreach (var (name, file) in leftFiles)
        {
            if (rightFiles.TryGetValue(name, out var other) && !await HaveSameBytesAsync(file, other, cancellationToken))
            {
                differences.Add($"differs: {name}");
            }
        }

        return differences;
    }

    private static async Task<bool> HaveSameBytesAsync(InputFile left, InputFile right, CancellationToken cancellationToken)
    {
        if (left.Length != right.Length)
        {
            return false;
        }

        await using var a = left.Open();
        await using var b = right.Open();
        var (bufferA, bufferB) = (new byte[BufferLength], new byte[BufferLength]);
        while (true)
        {
            var countA = await a.ReadAtLeastAsync(bufferA, BufferLength, throwOnEndOfStream: false, cancellationToken);
            var countB = await b.ReadAtLeastAsync(bufferB, BufferLength, throwOnEndOfStream: false, cancellationToken);
            if (!bufferA.AsSpan(0, countA).SequenceEqual(bufferB.AsSpan(0, countB)))
            {
                return false;
            }

            if (countA == 0)
            {
                return true;
            }
        }
    }
}
