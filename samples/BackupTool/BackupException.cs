namespace BackupTool;

/// <summary>Something that was asked for could not be done; the message tells the user what, to what, and what to do.</summary>
internal sealed class BackupException : Exception
{
    public BackupException(string message, Exception? innerException = null)
        : this(ExitCode.Failed, message, innerException)
    {
    }

    public BackupException(ExitCode code, string message, Exception? innerException = null)
        : base(message, innerException) => Code = code;

    /// <summary>How the program ends by it.</summary>
    public ExitCode Code { get; }
}
