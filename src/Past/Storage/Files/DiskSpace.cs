namespace P2P.Past;

/// <summary>Watches that a store leaves some of its disk free.</summary>
internal sealed class DiskSpace(string directory, long reserve)
{
    /// <summary>Refuses what would take from the reserve.</summary>
    /// <param name="id">The file that is to be written.</param>
    /// <param name="bytes">How many bytes.</param>
    /// <exception cref="ReplicaStoreFullException">There is no such room.</exception>
    public void Require(FileId id, long bytes)
    {
        if (reserve > 0 && Free() is { } free && free - bytes < reserve)
        {
            throw new ReplicaStoreFullException(
                $"What is to be kept of {id} takes {bytes} bytes of the disk of '{directory}', where {free} are free and {reserve} of them in reserve. Free some of the disk.");
        }
    }

    /// <summary>Counts the bytes that this user may still write; null where the system does not say.</summary>
    private long? Free()
    {
        try
        {
            return new DriveInfo(OperatingSystem.IsWindows() ? Path.GetPathRoot(directory)! : directory).AvailableFreeSpace;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException)
        {
            // A share has no drive. What does not fit is then refused by the disk itself.
            return null;
        }
    }
}
