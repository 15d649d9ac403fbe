namespace BackupTool;

/// <summary>Tells the caller's shell how it went.</summary>
internal enum ExitCode
{
    Done = 0,

    /// <summary>It could not be done.</summary>
    Failed = 1,

    /// <summary>What was asked for makes no sense; nothing was tried.</summary>
    Usage = 2,

    /// <summary>It was done, but for some files that could not be read, written or found whole.</summary>
    Incomplete = 3,

    /// <summary>There is no such repository.</summary>
    NoRepository = 10,

    /// <summary>The ring can't take or give it now: it is full, or nobody answers. Later it may.</summary>
    RingUnavailable = 11,

    /// <summary>The passphrase is not the repository's.</summary>
    WrongPassphrase = 12,

    /// <summary>The user has stopped it.</summary>
    Stopped = 130,
}
