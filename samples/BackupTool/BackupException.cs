namespace BackupTool;

/// <summary>Something that was asked for could not be done; the message tells the user what, to what, and what to do.</summary>
internal sealed class BackupException : Exception
{
    public BackupException(string message)
        : base(message)
    {
    }

    public BackupException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
