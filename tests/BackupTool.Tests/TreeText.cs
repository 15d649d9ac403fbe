using System.Security.Cryptography;
using BackupTool.Files;
using BackupTool.Trees;

namespace BackupTool.Tests;

/// <summary>Describes all that a backup keeps of a folder, a line for each file, so that two folders can be compared.</summary>
internal static class TreeText
{
    public static IReadOnlyList<string> Of(string root)
    {
        var tree = new FileTree(new(), (path, problem) => Assert.Fail($"{path}: {problem}"));
        List<string> lines = [];
        Dictionary<string, string> firstNames = [];
        Describe(root);
        return lines;

        void Describe(string folder)
        {
            foreach (var entry in tree.List(root, folder))
            {
                var path = Path.Join(folder, entry.Name);
                var name = Path.GetRelativePath(root, path);
                var first = entry.LinkGroup is { } group && !firstNames.TryAdd(group, name) ? $" is {firstNames[group]}" : "";
                var content = entry.Kind is EntryKind.File ? Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(path))) : entry.Target;
                lines.Add($"{name} {entry.Kind} {Convert.ToString(entry.Mode, 8)} {entry.UserId}:{entry.GroupId} {entry.ModifiedNs} {content}{first}");
                if (entry.Kind is EntryKind.Folder)
                {
                    Describe(path);
                }
            }
        }
    }
}
