namespace Benchmarks.Backup;

/// <summary>Says what of a round is measured.</summary>
internal enum Step
{
    First,
    Second,
    Check,
    Restore,
}
