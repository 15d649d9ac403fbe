using System.Diagnostics;

namespace BackupTool.Tests;

/// <summary>A folder of a test's own, with a name that is awkward on purpose.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("backup ünï ").FullName;

    public string In(params string[] names) => System.IO.Path.Combine([Path, .. names]);

    /// <summary>Makes a file and the folders above it.</summary>
    public string Write(string path, string content = "content")
    {
        var file = In(path.Split('/'));
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(file)!);
        File.WriteAllText(file, content);
        return file;
    }

    public string MakeFolder(string path) => Directory.CreateDirectory(In(path.Split('/'))).FullName;

    public void Dispose()
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.Delete(Path, recursive: true);
            return;
        }

        // The framework can delete neither what is in folders that are closed to their owner nor what has a name that is no Unicode.
        using var shell = Process.Start("/bin/sh", ["-c", "chmod -R u+rwX \"$1\" 2>&-; rm -rf \"$1\"", "sh", Path]);
        shell.WaitForExit();
    }
}
