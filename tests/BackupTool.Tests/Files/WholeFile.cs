using BackupTool.Files;
using BackupTool.Trees;

namespace BackupTool.Tests.Files;

/// <summary>Restores a file that consists of one piece.</summary>
internal static class WholeFile
{
    public static bool WriteFile(this RestoredFolder folder, TreeEntry entry, ReadOnlySpan<byte> content) => folder.MakeFile(entry)?.WriteAll(content) ?? false;
}
