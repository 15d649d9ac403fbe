namespace NodeSample;

/// <summary>Tells the caller's shell how it went.</summary>
internal static class ExitCode
{
    public const int Success = 0;

    /// <summary>It could not be done: not found, refused, no node runs.</summary>
    public const int Failed = 1;

    /// <summary>What was asked for makes no sense; nothing was tried.</summary>
    public const int Usage = 2;
}
