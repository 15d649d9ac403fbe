using System.Diagnostics;
using Microsoft.Data.Sqlite;
using P2P.Past;

namespace Past.Tests.Storage.Disk;

/// <summary>Gives a test a directory of its own, and the means to damage what a store has in it.</summary>
public abstract class DiskStoreTest : IDisposable
{
    /// <summary>Spaces and letters of all kinds, for every test.</summary>
    protected string Root { get; } = Path.Combine(Path.GetTempPath(), $"p2p past ünï 文件 {Path.GetRandomFileName()}");

    protected string DatabasePath => Path.Combine(Root, "replicas.db");

    public void Dispose()
    {
        GC.SuppressFinalize(this);
        if (Directory.Exists(Root))
        {
            Directory.Delete(Root, recursive: true);
        }
    }

    /// <summary>Opens the store; in tests of files, all that is not empty is one.</summary>
    private protected Task<DiskReplicaStore> OpenDiskAsync(int? databaseContentMax = null, bool rebuild = false) =>
        DiskReplicaStore.OpenAsync(Options(databaseContentMax, rebuild));

    private protected DiskReplicaStoreOptions Options(int? databaseContentMax = null, bool rebuild = false)
    {
        var options = new DiskReplicaStoreOptions { Directory = Root, CapacityBytes = 1L << 30, DiskReserveBytes = 0, Rebuild = rebuild };
        options.DatabaseContentMax = databaseContentMax ?? options.DatabaseContentMax;
        return options;
    }

    private protected string FileOf(FileCertificate certificate) =>
        Path.Combine(Root, "replicas", certificate.FileId.ToString()[^2..], $"{certificate.FileId}.{certificate.ReplicaCount}");

    private protected string PartialOf(FileCertificate certificate) => Path.Combine(Root, "partial", certificate.FileId.ToString());

    private protected string[] Quarantined() => Directory.GetFiles(Path.Combine(Root, "quarantine"));

    private protected string[] Replicas() => Directory.GetFiles(Path.Combine(Root, "replicas"), "*", SearchOption.AllDirectories);

    /// <summary>Changes the database as nobody should.</summary>
    private protected int Sql(string sql, params ReadOnlySpan<object> values)
    {
        var address = new SqliteConnectionStringBuilder { DataSource = DatabasePath, Mode = SqliteOpenMode.ReadWrite, Pooling = false };
        using var connection = new SqliteConnection(address.ToString());
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        for (var place = 0; place < values.Length; place++)
        {
            command.Parameters.AddWithValue($"${place + 1}", values[place]);
        }

        return sql.StartsWith("SELECT", StringComparison.Ordinal) ? Convert.ToInt32(command.ExecuteScalar()) : command.ExecuteNonQuery();
    }

    private protected static byte[] BytesOf(FileId id)
    {
        var bytes = new byte[FileId.ByteLength];
        id.WriteBytes(bytes);
        return bytes;
    }

    private protected static void FlipByte(string path, long offset)
    {
        using var file = File.Open(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
        file.Position = offset;
        var value = file.ReadByte();
        file.Position = offset;
        file.WriteByte((byte)(value ^ 0x04));
    }

    private protected static bool Run(string program, params string[] arguments)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
            process.WaitForExit();
            return process.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }

    /// <summary>Puts a small file system of its own under the directory, where the machine allows it.</summary>
    private protected void Mount(string size)
    {
        Directory.CreateDirectory(Root);
        Skip.IfNot(
            OperatingSystem.IsLinux() && Run("mount", "-t", "tmpfs", "-o", $"size={size}", "tmpfs", Root),
            "Only root on a Linux that allows it can mount a small file system here.");
    }

    /// <summary>Puts a file system under the directory that can turn read-only while files are open, as one does whose disk fails.</summary>
    private protected void MountFailing()
    {
        var image = Root + ".img";
        Directory.CreateDirectory(Root);
        try
        {
            using (var disk = File.Create(image))
            {
                disk.SetLength(32 << 20);
            }

            Skip.IfNot(
                OperatingSystem.IsLinux() && Run("mkfs.ext4", "-q", image) && Run("mount", "-o", "loop", image, Root),
                "Only root on a Linux that has mkfs.ext4 and loop devices can mount a file system that fails here.");
        }
        finally
        {
            // What is mounted holds on to it.
            File.Delete(image);
        }
    }

    private protected void TurnReadOnly() => Assert.True(Run("mount", "-o", "remount,abort", Root));

    private protected void Unmount() => Assert.True(Run("umount", Root));
}
